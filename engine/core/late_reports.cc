#include "engine/core/late_reports.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "engine/core/chunk.h"
#include "engine/identity/recipient_ref.h"
#include "metrics/catalogue.h"
#include "store/keys.h"

namespace hongyan::engine {
namespace {

using async::Task;
using redis::Command;

constexpr std::size_t kMostText = 500;

std::string_view name_of(LateReport::Kind kind) {
  switch (kind) {
    case LateReport::Kind::kBounce:
      return "bounce";
    case LateReport::Kind::kComplaint:
      return "complaint";
    case LateReport::Kind::kUnsubscribe:
      return "unsubscribe";
  }
  return "";
}

// An object without its braces, as store functions take it.
std::string inside(std::vector<Json::Member> members) {
  const std::string object = to_json(Json::object(std::move(members)));
  return object.substr(1, object.size() - 2);
}

}  // namespace

LateReports::LateReports(store::JobStore& store, std::string secret, metrics::Registry& registry)
    : store_(store),
      lanes_(store),
      suppressions_(store),
      secret_(std::move(secret)),
      registry_(registry) {}

std::optional<identity::MessageTag> LateReports::read_tag(std::string_view text) const {
  return identity::read_tag(secret_, text);
}

std::optional<identity::Unsubscriber> LateReports::open_link(std::string_view token) const {
  return identity::open_unsubscriber(secret_, token);
}

std::optional<identity::Tracking> LateReports::open_tracked(std::string_view token) const {
  return identity::open_tracking(secret_, token);
}

Task<Result<std::string>> LateReports::seen(identity::Tracking what) {
  auto known = co_await store_.call(std::move(
      Command("HMGET").arg(store::keys::job(what.job)).arg("state").arg("outcome_events")));
  if (!known) co_return std::unexpected(known.error());
  if ((*known)[0].is_nil()) co_return "gone";
  const bool click = !what.url.empty();
  store::JobStore::Seen seen{click, what.chunk, what.index, what.link, {}};
  if ((*known)[1].text() == "1") {
    auto found = co_await find({identity::job_ref(what.job), what.chunk, what.index});
    if (!found) co_return std::unexpected(found.error());
    if (!*found) co_return "gone";
    std::vector<Json::Member> event{
        {"ref", Json::string(identity::recipient_ref(what.job, what.chunk, what.index))},
        {"address", Json::string((*found)->address)},
        {"row", Json::number(std::to_string((*found)->row))}};
    if (click) {
      event.emplace_back("link", Json::number(std::to_string(what.link)));
      event.emplace_back("url", Json::string(what.url));
    }
    seen.event = inside(std::move(event));
  }
  auto verdict = co_await store_.seen(what.job, std::move(seen));
  if (!verdict) co_return std::unexpected(verdict.error());
  registry_.add(metrics::kLateReports, {click ? "click" : "open", *verdict}, 1);
  co_return *verdict;
}

Task<Result<std::optional<LateReports::Recipient>>> LateReports::find(identity::MessageRef ref) {
  auto id =
      co_await store_.call(std::move(Command("HGET").arg(store::keys::kReturns).arg(ref.job)));
  if (!id) co_return std::unexpected(id.error());
  if (id->is_nil()) co_return std::nullopt;
  Recipient found;
  found.job = std::string(id->text());
  auto read = co_await store_.call(
      std::move(Command("HGET").arg(store::keys::job(found.job)).arg("tenant")));
  if (!read) co_return std::unexpected(read.error());
  found.tenant = std::string(read->text());
  auto data =
      co_await store_.call(std::move(Command("GET").arg(store::keys::chunk(found.job, ref.chunk))));
  if (!data) co_return std::unexpected(data.error());
  if (read->is_nil() || data->is_nil()) co_return std::nullopt;
  const auto chunk = Chunk::unpack(data->text());
  if (!chunk) co_return std::unexpected(chunk.error());
  if (ref.index >= chunk->recipients().size()) co_return std::nullopt;
  const ChunkRecipient& recipient = chunk->recipients()[ref.index];
  if (recipient.address.empty()) co_return std::nullopt;  // forgotten
  found.address = std::string(recipient.address);
  found.row = recipient.row;
  co_return found;
}

Task<Result<std::optional<LateReports::Recipient>>> LateReports::answered(std::string message_ids) {
  std::string_view rest = message_ids;
  while (!rest.empty()) {
    const std::size_t end = rest.find_first_of(" \t\r\n<>,");
    const std::string_view id = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    const auto tag = read_tag(id.substr(0, id.find('@')));
    if (tag && tag->purpose == identity::Purpose::kMessage) co_return co_await find(tag->ref);
  }
  co_return std::nullopt;
}

Task<Result<std::string>> LateReports::take(identity::MessageRef ref, LateReport report,
                                            std::string lane) {
  auto found = co_await find(ref);
  if (!found) co_return std::unexpected(found.error());
  if (!*found) co_return "gone";
  std::string job = (*found)->job;
  const LateReport::Kind kind = report.kind;
  const bool invalid_address = report.invalid_address;
  auto verdict =
      co_await record(std::move(job), ref.chunk, ref.index, std::move(**found), std::move(report));
  if (verdict && *verdict == "counted") co_await tell_lane(std::move(lane), kind, invalid_address);
  co_return verdict;
}

Task<> LateReports::tell_lane(std::string lane, LateReport::Kind kind, bool invalid_address) {
  const bool complaint = kind == LateReport::Kind::kComplaint;
  const bool bad = kind == LateReport::Kind::kBounce && invalid_address;
  if (lane.empty() || (!complaint && !bad)) co_return;
  const auto told = co_await lanes_.add_late_sign(
      std::move(lane), complaint ? store::LateSign::kComplaint : store::LateSign::kBadAddress);
  if (!told) log::warning("late-sign-lost", {{"error", told.error().detail}});
}

Task<Result<std::string>> LateReports::unsubscribe(identity::Unsubscriber who, std::string how) {
  Recipient recipient{who.job, who.tenant, who.address, 0};
  auto found = co_await find({identity::job_ref(who.job), who.chunk, who.index});
  if (found && *found) recipient.row = (*found)->row;
  co_return co_await record(std::move(who.job), who.chunk, who.index, std::move(recipient),
                            {LateReport::Kind::kUnsubscribe, {}, {}, std::move(how), false, true});
}

Task<Result<std::string>> LateReports::record(std::string job, std::uint64_t chunk,
                                              std::uint32_t index, Recipient recipient,
                                              LateReport report) {
  const std::string kind(name_of(report.kind));
  const std::string text = escape_control(report.text.substr(0, kMostText));
  const std::string ref = identity::recipient_ref(job, chunk, index);
  store::JobStore::Late late{kind, chunk, index, report.invalid_address, {}, {}};
  late.status = report.status;
  late.event = inside({{"ref", Json::string(ref)},
                       {"address", Json::string(recipient.address)},
                       {"row", Json::number(std::to_string(recipient.row))},
                       {"group", Json::string(report.group)},
                       {"status", Json::string(report.status)},
                       {"text", Json::string(text)}});
  if (report.suppress || report.kind != LateReport::Kind::kBounce) {
    late.suppression = inside({{"address", Json::string(recipient.address)},
                               {"reason", Json::string(kind)},
                               {"reply", Json::string(text)}});
    // At once, and whether or not the job is still there.
    const SystemClock clock;
    auto added = co_await suppressions_.add(
        recipient.tenant, {{store::suppressed_address(recipient.address), kind, "job " + job,
                            to_unix_ms(clock.wall())}});
    if (!added) co_return std::unexpected(added.error());
  }
  auto verdict = co_await store_.late(job, std::move(late));
  if (!verdict) co_return std::unexpected(verdict.error());
  registry_.add(metrics::kLateReports, {kind, *verdict}, 1);
  log::info("late-report", {{"job", job}, {"ref", ref}, {"kind", kind}, {"verdict", *verdict}});
  co_return *verdict;
}

}  // namespace hongyan::engine
