#include "cli/check_forecast.h"

#include "base/time_text.h"
#include "cli/output.h"
#include "engine/check/forecast.h"
#include "engine/core/billing_calendar.h"
#include "store/warmup_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace hongyan::cli {
namespace {

constexpr std::size_t kLanesShown = 20;
constexpr std::int64_t kIdleDays = 30;

// A source's records by provider, and what the calendar says where there is none.
struct Warmup {
  std::string start;
  std::int64_t date = 1;  // of the campaign's first day, 1: the start itself
  std::map<std::string, store::WarmupStore::Record> records;
};

// As the store will reckon it when the first message asks (functions/85_warmup.lua).
check::WarmingSource day_of(const Warmup& warmup, const std::string& provider) {
  static constexpr std::array<std::int64_t, 4> kSteps{1, 0, -1, -1};  // by verdict
  const auto at = warmup.records.find(provider);
  if (at == warmup.records.end() || at->second.start != warmup.start) return {warmup.date, 0};
  const scheduler::WarmupDay& last = at->second.day;
  const std::int64_t passed = warmup.date - at->second.date;
  const bool stopped = last.verdict == scheduler::WarmupVerdict::kStop;
  if (passed <= 0) return {last.day, stopped ? last.cap.value_or(0) : last.sent};
  if (passed > kIdleDays) return {1, 0};
  if (last.sent == 0) return {last.day, 0};
  return {std::max<std::int64_t>(1, last.day + kSteps.at(static_cast<std::size_t>(last.verdict))),
          0};
}

std::vector<Warmup> warmups_of(const std::vector<std::string>& sources, const config::Fleet& fleet,
                               const std::string& today, Session* session,
                               check::Findings& findings) {
  std::vector<Warmup> warmups;
  for (const std::string& name : sources) {
    const auto at = fleet.sources.find(name);
    if (at == fleet.sources.end() || at->second.warmup_start.empty()) continue;
    Warmup warmup{at->second.warmup_start, 1, {}};
    warmup.date = (*parse_date(today) - *parse_date(warmup.start)).count() + 1;
    if (session != nullptr) {
      auto records = session->run(store::WarmupStore(session->jobs()).load(name));
      if (records)
        warmup.records = *std::move(records);
      else
        findings.add("not-checked",
                     "how far " + name + " has warmed up: " + records.error().detail);
    }
    warmups.push_back(std::move(warmup));
  }
  return warmups;
}

// The provider's limits, or the relay's where all sources are relays.
scheduler::LaneLimits limits_of(const check::Receiver& receiver, const config::Fleet& fleet) {
  const auto at = fleet.providers.find(receiver.provider);
  if (!receiver.named || at == fleet.providers.end()) return fleet.other.limits;
  scheduler::LaneLimits limits = at->second.limits;
  if (limits.warmup.empty()) limits.warmup = fleet.other.limits.warmup;
  return limits;
}

// What a receiver's lanes obey. `fleet` outlives it.
check::Pace pace_of(const job::Job& job, const config::Channel& channel, const config::Fleet& fleet,
                    Session* session, check::Findings& findings) {
  check::Pace pace;
  std::vector<std::string> direct;
  scheduler::LaneLimits relay;
  for (const std::string& name : channel.sources)
    if (const auto at = fleet.sources.find(name); at != fleet.sources.end()) {
      if (!at->second.relay)
        direct.push_back(name);
      else
        relay.rates = at->second.relay->rates;
    }
  pace.sources = direct.empty() ? channel.sources.size() : direct.size();
  pace.limits = [&fleet, relay, relayed = direct.empty()](const check::Receiver& receiver) {
    return relayed ? relay : limits_of(receiver, fleet);
  };
  pace.channel = channel.rates;
  pace.window = job.window;
  pace.begin = std::max(SystemClock().wall(), job.send_at.value_or(WallTime{}));
  const engine::BillingCalendar calendar(fleet.billing_timezone);
  pace.day_end = [calendar](WallTime at) { return from_unix_ms(calendar.day_at(at).ends_ms); };
  const auto warmups =
      warmups_of(direct, fleet, calendar.day_at(pace.begin).today, session, findings);
  pace.warming = [warmups](const check::Receiver& receiver) {
    std::vector<check::WarmingSource> warming;
    for (const Warmup& warmup : warmups)
      warming.push_back(day_of(warmup, receiver.named ? receiver.provider : "other"));
    return warming;
  };
  return pace;
}

std::int64_t seconds(Millis time) {
  return time.count() / 1000;
}

std::string what_binds(const check::LaneForecast& slowest, std::size_t sources) {
  if (slowest.rate.empty()) return "no limit binds";
  if (slowest.receiver.empty()) return "the channel's " + slowest.rate + " binds";
  return fmt::format("{} binds: {} recipients at {} from {} source{}", slowest.receiver,
                     with_commas(static_cast<std::int64_t>(slowest.recipients)), slowest.rate,
                     sources, sources == 1 ? "" : "s");
}

Json forecast_json(const check::Forecast& forecast) {
  Json lanes = Json::array();
  for (const check::LaneForecast& lane : forecast.lanes) {
    if (lanes.items().size() == kLanesShown) break;
    lanes.push(
        Json::object({{"receiver", Json::string(lane.receiver)},
                      {"recipients", json_number(static_cast<std::int64_t>(lane.recipients))},
                      {"seconds", json_number(seconds(lane.takes))},
                      {"rate", Json::string(lane.rate)}}));
  }
  const check::LaneForecast& slowest = forecast.slowest;
  const bool by_channel = slowest.receiver.empty() && !slowest.rate.empty();
  return Json::object({{"seconds", json_number(seconds(forecast.takes))},
                       {"finish_ms", json_number(to_unix_ms(forecast.finish))},
                       {"ends", Json::boolean(forecast.ends)},
                       {"binds", Json::string(by_channel ? "channel" : slowest.receiver)},
                       {"rate", Json::string(slowest.rate)},
                       {"receivers", std::move(lanes)}});
}

}  // namespace

void check_forecast(const job::Job& job, const std::vector<check::Receiver>& receivers,
                    const config::Channel& channel, const config::Fleet& fleet, Session* session,
                    CheckReport& report) {
  const check::Pace pace = pace_of(job, channel, fleet, session, report.findings);
  const check::Forecast forecast = check::make_forecast(receivers, pace);
  const std::string binds = what_binds(forecast.slowest, pace.sources);
  const std::string finish = format_rfc3339(forecast.finish).substr(0, 16);
  if (forecast.ends)
    report.findings.add("forecast", fmt::format("done at the earliest {}Z, after {} of sending; {}",
                                                finish, span(seconds(forecast.takes)), binds));
  else
    report.findings.add("forecast-endless", "not within a year; " + binds);
  if (job.expires_after && pace.begin + *job.expires_after < forecast.finish)
    report.findings.add(
        "forecast-expires",
        fmt::format("it expires {} before it could be done",
                    span(seconds(forecast.finish - pace.begin - *job.expires_after))));
  report.sections.set("forecast", forecast_json(forecast));
}

}  // namespace hongyan::cli
