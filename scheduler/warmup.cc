#include "scheduler/warmup.h"

#include <algorithm>
#include <cassert>

namespace hongyan::scheduler {
namespace {

constexpr std::int64_t kMostLeased = 256;

bool exceeds(std::int64_t count, std::int64_t of, std::int64_t at_least, std::int64_t percent) {
  return count >= at_least && count * 100 > of * percent;
}

// Complaints by tenths of a percent; the limit itself is too much.
bool reaches(std::int64_t count, std::int64_t of, std::int64_t at_least, std::int64_t per_mille) {
  return count >= at_least && count * 1000 >= of * per_mille;
}

std::string some(std::int64_t count, std::string_view one) {
  return std::to_string(count) + ' ' + std::string(one) + (count == 1 ? "" : "s");
}

// By mail more may come back in a day than was answered in it.
std::string bad_addresses(std::int64_t bad, std::int64_t answered) {
  if (bad > answered) return some(bad, "message") + " came back for bad addresses";
  return std::to_string(bad * 100 / answered) + " % of " + std::to_string(answered) +
         " answers were bad addresses";
}

}  // namespace

std::optional<std::int64_t> warmup_cap(std::span<const std::int64_t> curve, int day) {
  if (day < 1) return 0;
  const auto index = static_cast<std::size_t>(day - 1);
  if (index >= curve.size()) return std::nullopt;
  return curve[index];
}

WarmupSigns& WarmupSigns::operator+=(const WarmupSigns& more) {
  answered += more.answered;
  bad += more.bad;
  refused += more.refused;
  complaints += more.complaints;
  return *this;
}

WarmupVerdict judge_warmup(const WarmupSigns& signs) {
  const auto& [answered, bad, refused, complaints] = signs;
  if (exceeds(bad, answered, 4, 5) || exceeds(refused, answered, 5, 5) ||
      reaches(complaints, answered, 3, 3))
    return WarmupVerdict::kStop;
  if (exceeds(bad, answered, 3, 3) || exceeds(refused, answered, 3, 2) ||
      reaches(complaints, answered, 2, 2))
    return WarmupVerdict::kStepBack;
  if (exceeds(bad, answered, 2, 2) || refused > 0 || reaches(complaints, answered, 1, 1))
    return WarmupVerdict::kHold;
  return WarmupVerdict::kGood;
}

std::string WarmupDay::sentence() const {
  if (day < 1) return "warm-up has not begun";
  std::string text = "warm-up day " + std::to_string(day) + ": ";
  if (!cap) return text + "warm, " + std::to_string(sent) + " sent";
  text += std::to_string(sent) + " of " + std::to_string(*cap) + " sent";
  if (verdict == WarmupVerdict::kGood) return text;
  text += verdict == WarmupVerdict::kStop       ? ", stopped for today: "
          : verdict == WarmupVerdict::kStepBack ? ", a day back tomorrow: "
                                                : ", held at this day: ";
  std::string why;
  const auto add = [&why](const std::string& sign) { why += (why.empty() ? "" : ", ") + sign; };
  if (signs.bad > 0) add(bad_addresses(signs.bad, signs.answered));
  if (signs.refused > 0) add(some(signs.refused, "refusal") + " of the source");
  if (signs.complaints > 0) add(some(signs.complaints, "complaint"));
  return text + why;
}

bool WarmupGate::may_take(SteadyTime now) const {
  return !needed_ || now < open_until_ || held(now) > 0;
}

void WarmupGate::take(SteadyTime now) {
  if (!needed_ || now < open_until_) return;
  assert(held(now) > 0);
  --held_;
}

void WarmupGate::give_back(SteadyTime now) {
  if (needed_ && now >= open_until_ && now < day_ends_) ++held_;
}

void WarmupGate::grant(std::int64_t messages, SteadyTime now, SteadyTime day_ends) {
  held_ = held(now) + messages;
  day_ends_ = day_ends;
}

void WarmupGate::open(SteadyTime day_ends) {
  open_until_ = day_ends;
}

void WarmupGate::close(SteadyTime until, bool at_once) {
  closed_until_ = until;
  if (at_once) held_ = 0;
}

std::optional<SteadyTime> WarmupGate::closed_until(SteadyTime now) const {
  if (now >= closed_until_ || may_take(now)) return std::nullopt;
  return closed_until_;
}

std::int64_t WarmupGate::wanted(std::size_t waiting, SteadyTime now) const {
  if (!needed_ || now < open_until_ || now < closed_until_) return 0;
  const std::int64_t lease = std::min(static_cast<std::int64_t>(waiting), kMostLeased);
  const std::int64_t have = held(now);
  return have * 2 > lease ? 0 : lease - have;
}

std::int64_t WarmupGate::return_all(SteadyTime now) {
  const std::int64_t left = held(now);
  held_ = 0;
  return left;
}

}  // namespace hongyan::scheduler
