#include "cli/control_wait.h"
#include "cli/output.h"
#include "cli/published.h"
#include "cli/report_row.h"
#include "engine/core/billing_calendar.h"
#include "store/keys.h"
#include "store/reply_log.h"

#include <iostream>
#include <set>

namespace hongyan::cli {
namespace {

struct Options {
  Common common;
  std::string job;
  std::string as;
};

struct Doubtful {
  std::uint64_t row = 0, chunk = 0;
  std::uint32_t index = 0;
  std::string address;
  char state = 'u';
  std::string reply;
  std::int64_t at = 0;
  int attempts = 0;
};

Result<std::vector<Doubtful>> find(Session& session, const std::string& id,
                                   const store::JobView& job) {
  // Held recipients that were dropped stay held; they are settled.
  auto members = session.call(redis::Command("SMEMBERS").arg(store::keys::of_job(id, "dropped")));
  if (!members) return std::unexpected(members.error());
  std::set<std::string, std::less<>> dropped;
  for (const auto& one : members->array()) dropped.emplace(one.text());
  std::vector<Doubtful> found;
  auto done = each_recipient(
      session, id, static_cast<std::uint64_t>(job.number("chunks")), "uH",
      [&](const RecipientRow& row) {
        const std::string place = std::to_string(row.chunk) + ":" + std::to_string(row.index + 1);
        if (row.state == 'H' && dropped.contains(place)) return true;
        found.push_back({row.row, row.chunk, row.index, std::string(row.address), row.state,
                         row.reply, row.reply_at, row.attempts});
        return true;
      });
  if (!done) return std::unexpected(done.error());
  return found;
}

int print(const Options& options, const std::vector<Doubtful>& found) {
  const Format format = options.common.json ? Format::kNdjson : Format::kTable;
  RowWriter rows(std::cout, format,
                 {{"row", "ROW", true},
                  {"address", "ADDRESS"},
                  {"state", "STATE"},
                  {"attempts", "ATTEMPTS", true},
                  {"since", "SINCE"},
                  {"reply", "LAST KNOWN"}});
  for (const Doubtful& one : found)
    rows.row({static_cast<std::int64_t>(one.row), one.address, state_name(one.state), one.attempts,
              at_cell(one.at * 1000, format), one.reply});
  rows.end("nobody is in doubt or held");
  if (!options.common.json && !found.empty())
    std::cout << "next: look into the receivers' logs, then hongyan doubt " << options.job
              << " --as delivered (charged), resend or drop (free)\n";
  return kDone;
}

int settle(Session& session, const Options& options, const store::JobView& job,
           const std::vector<Doubtful>& found) {
  const Common& common = options.common;
  if (auto ready = session.ensure_functions(); !ready) return report_error(ready.error(), common);
  auto fleet = published_fleet(session);
  if (!fleet) return report_error(fleet.error(), common);
  const engine::BillingCalendar calendar(fleet->value_or(config::Fleet{}).billing_timezone);
  const SystemClock clock;
  const std::string by = "settled as " + options.as + " by " + actor();
  std::int64_t settled = 0;
  std::vector<std::string> refused;
  for (const Doubtful& one : found) {
    const std::string note = store::encode_reply(
        {one.index, to_unix_ms(clock.wall()) / 1000, one.attempts, by}, store::kRefusedReplyBytes);
    auto answer = session.run(session.jobs().doubt(options.job, one.chunk, one.index, options.as,
                                                   note, calendar.day_at(clock.wall())));
    if (!answer) return report_error(answer.error(), common);
    if (answer->size() == 1)
      ++settled;
    else
      refused.push_back("row " + std::to_string(one.row) + ": " + *answer);
  }
  // The engine rolls up active jobs; this one may have ended long ago.
  auto now = session.load_job(options.job);
  if (!now) return report_error(now.error(), common);
  if (settled > 0 && options.as == "delivered") {
    auto rolled = session.run(
        session.money().roll_up(options.job, job.text("tenant"), job.text("channel"),
                                job.number("price_micro_yuan"), now->number("charge_seq")));
    if (!rolled) return report_error(rolled.error(), common);
  }
  if (settled > 0 && job.number("prepaid") == 1 && now->number("ended_at") > 0) {
    auto back = session.run(session.money().give_back(job.text("tenant"), options.job));
    if (!back) return report_error(back.error(), common);
  }
  if (common.json) {
    Json list = Json::array();
    for (const std::string& sentence : refused) list.push(Json::string(sentence));
    print_json(Json::object({{"ok", Json::boolean(refused.empty())},
                             {"as", Json::string(options.as)},
                             {"settled", json_number(settled)},
                             {"refused", std::move(list)}}));
  } else {
    for (const std::string& sentence : refused) std::cerr << sentence << '\n';
    std::cout << with_commas(settled) << " settled as " << options.as << '\n';
  }
  return refused.empty() ? kDone : kFailed;
}

int doubt(const Options& options) {
  auto session = Session::open(options.common);
  if (!session) return report_error(session.error(), options.common);
  auto job = (*session)->load_job(options.job);
  if (!job) return report_error(job.error(), options.common);
  if (!job->exists()) return refuse(options.common, kFailed, (*session)->unknown_job(options.job));
  auto found = find(**session, options.job, *job);
  if (!found) return report_error(found.error(), options.common);
  if (options.as.empty()) return print(options, *found);
  return settle(**session, options, *job, *found);
}

}  // namespace

void add_doubt(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("doubt", "Recipients whose answer was lost: list or settle them");
  const auto options = std::make_shared<Options>();
  command->add_option("JOB", options->job, "the job's id")->required();
  command->add_option("--as", options->as, "delivered (charged once), resend, or drop")
      ->check(CLI::IsMember({"delivered", "resend", "drop"}));
  add_common(*command, options->common);
  command->footer(
      "Each is settled once, whoever asks again.\n"
      "Example:\n  hongyan doubt spring-1 --as delivered");
  command->callback([options, &exit_code] { exit_code = doubt(*options); });
}

}  // namespace hongyan::cli
