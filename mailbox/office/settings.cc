#include "mailbox/office/settings.h"

#include "base/address.h"
#include "base/duration.h"
#include "base/text.h"
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

// Empty: nobody is told any more.
Result<std::string> read_notify(const std::string& value, std::string_view mailbox,
                                bool may_notify) {
  if (value == "off") return std::string();
  const auto address = parse_address(value);
  if (!address) return bad("`notify` must be an address, or off: " + address.error().detail);
  if (account_key(address->normalised()) == ascii_lower(mailbox))
    return bad("`notify` names the mailbox: trouble with it cannot be told through itself");
  if (!may_notify)
    return bad("nobody can be told by mail: the configuration has no [mailbox.notify]");
  return address->normalised();
}

}  // namespace

Result<Fields> read_settings(const Fields& order, bool may_notify) {
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
    } else if (name == "notify") {
      auto notify = read_notify(value, text_of(order, "mailbox"), may_notify);
      if (!notify) return std::unexpected(notify.error());
      changes[name] = *std::move(notify);
    } else if (name == "expires") {
      const auto day = parse_date(value);
      if (!day && value != "never")
        return bad("`expires` must be a date such as 2027-05-20, or never");
      changes["expires_at"] = day ? std::to_string(to_unix_ms(WallTime(*day))) : "";
      changes["expiry_told"] = "";
    }
  }
  if (changes.empty())
    return bad("nothing is to be set: `sync`, `sync_interval`, `label`, `expires` or `notify`");
  return changes;
}

}  // namespace hongyan::mailbox
