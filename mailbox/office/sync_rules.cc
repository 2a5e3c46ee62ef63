#include "mailbox/office/sync_rules.h"

#include <algorithm>

namespace hongyan::mailbox {
namespace {

using namespace std::chrono_literals;

constexpr Millis kFirstPause = 5s;
constexpr Millis kLongestPause = 10min;
constexpr int kDoublings = 10;

Millis times(Millis span, double factor) {
  return Millis(static_cast<std::int64_t>(static_cast<double>(span.count()) * factor));
}

std::string addresses_of(const std::vector<mime::Mailbox>& people) {
  std::string text;
  for (const mime::Mailbox& one : people) {
    if (one.address.empty()) continue;
    if (!text.empty()) text += ", ";
    text += one.address;
  }
  return text;
}

Json moment(std::optional<WallTime> at) {
  return Json::number(std::to_string(at ? to_unix_ms(*at) : 0));
}

}  // namespace

Millis next_look(Millis interval, double draw) {
  return times(interval, 0.75 + draw / 2);
}

Millis back_off(int failures, double draw) {
  const int doublings = std::clamp(failures - 1, 0, kDoublings);
  return times(std::min(kFirstPause * (1 << doublings), kLongestPause), 0.75 + draw / 2);
}

Json message_json(std::string_view mailbox, const imap::MessageHead& head) {
  return Json::object({{"mailbox", Json::string(std::string(mailbox))},
                       {"uid", Json::number(std::to_string(head.uid))},
                       {"from", Json::string(head.from.empty() ? "" : head.from.front().address)},
                       {"from_name", Json::string(head.from.empty() ? "" : head.from.front().name)},
                       {"to", Json::string(addresses_of(head.to))},
                       {"subject", Json::string(head.subject)},
                       {"date", moment(head.date ? head.date : head.received)},
                       {"received", moment(head.received)},
                       {"message_id", Json::string(head.message_id)},
                       {"in_reply_to", Json::string(head.in_reply_to)},
                       {"snippet", Json::string(head.snippet)},
                       {"from_machine", Json::boolean(head.from_machine)}});
}

}  // namespace hongyan::mailbox
