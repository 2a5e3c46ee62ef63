#include "engine/core/hold_watch.h"

#include "base/json.h"
#include "base/log.h"
#include "base/time_text.h"
#include "store/keys.h"

#include <cstdlib>

namespace hongyan::engine {
namespace {

using redis::Command;

// A crash under `appendfsync everysec` loses 2 s, a replica that takes over little more.
constexpr std::int64_t kMostLostMs = 10'000;

}  // namespace

HoldWatch::HoldWatch(store::JobStore& store, std::string engine)
    : store_(store), engine_(std::move(engine)) {}

std::string HoldWatch::now_answers() const {
  const redis::Client& client = store_.client();
  // Without the right to INFO each connection may be to another one.
  return client.run_id().empty() ? std::to_string(client.epoch()) : std::string(client.run_id());
}

bool HoldWatch::knows_redis() const {
  return looked_ && run_ == now_answers();
}

async::Task<> HoldWatch::look() {
  const std::string run = now_answers();
  if (written_ms_ > 0 && gone_back_.empty() && !co_await compare()) co_return;
  auto hold = co_await store::load_hold(store_);
  if (!hold) co_return;
  if (looked_ && hold->has_value() != hold_.has_value()) {
    if (*hold)
      log::warning("held", {{"by", (*hold)->actor}, {"reason", (*hold)->reason}});
    else
      log::info("released", {});
  }
  hold_ = *std::move(hold);
  run_ = run;
  looked_ = true;
}

// False: Redis did not say.
async::Task<bool> HoldWatch::compare() {
  const bool other = run_ != now_answers();
  auto beat =
      co_await store_.call(std::move(Command("HGET").arg(store::keys::kEngines).arg(engine_)));
  if (!beat) co_return false;
  std::int64_t at_ms = 0;
  if (!beat->is_nil())
    if (const auto json = parse_json(beat->text()))
      if (const Json* at = json->find("at")) at_ms = std::atoll(hongyan::to_json(*at).c_str());
  if (at_ms >= written_ms_ - kMostLostMs) co_return true;
  if (at_ms == 0 && !other) {
    // A namesake that stops takes the heartbeat away; only an emptied Redis has no secret.
    auto secret = co_await store_.call(std::move(Command("EXISTS").arg(store::keys::kSecret)));
    if (!secret) co_return false;
    if (secret->integer() == 1) co_return true;
  }
  const std::string before = format_rfc3339(from_unix_ms(written_ms_));
  const std::string now = at_ms > 0 ? "is that of " + format_rfc3339(from_unix_ms(at_ms))
                                    : "knows nothing of this engine";
  const std::string why = "Redis came back and " + now + ", but it had been at " + before +
                          ": what was sent since would be sent again";
  auto set = co_await store::set_hold(store_, {.at_ms = to_unix_ms(SystemClock().wall()),
                                               .actor = store::Hold::actor_of_engine(engine_),
                                               .reason = why});
  if (!set) co_return false;
  log::error("redis-went-back", {{"what", why}});
  gone_back_ = why + "; sending is held, see docs/OPERATIONS.md, Restore";
  co_return true;
}

}  // namespace hongyan::engine
