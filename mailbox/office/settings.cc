#include "mailbox/office/settings.h"

#include "base/duration.h"
#include "base/time_text.h"

namespace hongyan::mailbox {
namespace {

using namespace std::chrono_literals;

constexpr Millis kLeastInterval = 1min;
constexpr Millis kMostInterval = 24h;
constexpr std::size_t kMostLabel = 200;

std::unexpected<Error> bad(std::string sentence) {
  return fail(Scope::kJob, "bad-setting", std::move(sentence));
}

}  // namespace

Result<Fields> read_settings(const Fields& order) {
  Fields changes;
  for (const auto& [name, value] : order) {
    if (name == "sync") {
      if (value != "on" && value != "off") return bad("`sync` must be on or off");
      changes[name] = value == "on" ? "" : "off";
    } else if (name == "sync_interval") {
      const auto interval = parse_duration(value);
      if (!interval || *interval < kLeastInterval || *interval > kMostInterval)
        return bad("`sync_interval` must be from 1m to 24h, such as 4m");
      changes[name] = std::to_string(interval->count());
    } else if (name == "label") {
      if (value.size() > kMostLabel) return bad("`label` must have at most 200 bytes");
      changes[name] = value;
    } else if (name == "expires") {
      const auto day = parse_date(value);
      if (!day && value != "never")
        return bad("`expires` must be a date such as 2027-05-20, or never");
      changes["expires_at"] = day ? std::to_string(to_unix_ms(WallTime(*day))) : "";
      changes["expiry_told"] = "";
    }
  }
  if (changes.empty())
    return bad("nothing is to be set: `sync`, `sync_interval`, `label` or `expires`");
  return changes;
}

}  // namespace hongyan::mailbox
