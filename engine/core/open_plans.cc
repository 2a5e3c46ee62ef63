// Follow-up plans: who judges their jobs, and who knows whose message a mail answers.
#include "engine/core/engine.h"
#include "engine/core/job_book.h"

namespace hongyan::engine {

std::optional<StartFailure> Engine::open_plans() {
  auto catalogue = mailbox::Catalogue::built_in();
  if (!catalogue) return StartFailure{true, {catalogue.error().front().sentence()}};
  plans_ = std::make_unique<plan::Desk>(
      plan::Desk::Options{
          .who = id_ + " " + std::to_string(to_unix_ms(SystemClock().wall())),
          .policy = intake_policy(config_->fleet),
          .judge =
              [config = config_](const job::Job& job) {
                const auto messages = compile_messages(job, config->fleet.channels.at(job.channel));
                return messages ? Faults{} : messages.error();
              },
          .catalogue = std::make_shared<const mailbox::Catalogue>(*std::move(catalogue)),
          .keep_events = config_->fleet.retention.events,
          .may_work = [this] { return may_take() && supervisor_->room_for_intake(); },
          .origin_of = [this](std::string ids) { return origin_of(std::move(ids)); }},
      *store_);
  return std::nullopt;
}

async::Task<Result<std::optional<plan::Origin>>> Engine::origin_of(std::string message_ids) {
  auto found = co_await late_reports_->answered(std::move(message_ids));
  if (!found) co_return std::unexpected(found.error());
  if (!*found) co_return std::nullopt;
  co_return plan::Origin{(*found)->job, (*found)->address};
}

// Best effort: who wrote is told in any case that nobody reads it.
async::Task<> Engine::message_answered(identity::MessageRef ref) {
  auto found = co_await late_reports_->find(std::move(ref));
  if (found && *found)
    (void)co_await plans_->told_of_reply((*found)->tenant, (*found)->address, "");
}

}  // namespace hongyan::engine
