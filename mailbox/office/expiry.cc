#include "mailbox/office/expiry.h"

#include "base/time_text.h"

namespace hongyan::mailbox {
namespace {

constexpr std::chrono::days kFirstWarning{14};
constexpr std::chrono::days kSecondWarning{3};

}  // namespace

Expiry expiry_at(WallTime expires, WallTime now) {
  if (now >= expires) return Expiry::kOver;
  if (expires - now <= kSecondWarning) return Expiry::kThreeDays;
  return expires - now <= kFirstWarning ? Expiry::kTwoWeeks : Expiry::kFar;
}

std::int64_t days_left(WallTime expires, WallTime now) {
  return std::chrono::ceil<std::chrono::days>(expires - now).count();
}

std::string expiry_sentence(WallTime expires, WallTime now) {
  const Expiry stage = expiry_at(expires, now);
  if (stage == Expiry::kFar) return {};
  const std::string day = " (" + format_rfc3339(expires).substr(0, 10) + ")";
  if (stage == Expiry::kOver) return "its code has ended" + day;
  const std::int64_t days = days_left(expires, now);
  return "its code ends in " + std::to_string(days) + (days == 1 ? " day" : " days") + day;
}

}  // namespace hongyan::mailbox
