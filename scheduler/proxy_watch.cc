#include "scheduler/proxy_watch.h"

#include <algorithm>

namespace hongyan::scheduler {
namespace {

constexpr int kSilencesBeforeRest = 3;
constexpr std::chrono::seconds kFirstRest{1};
constexpr std::chrono::seconds kLongestRest{30};
constexpr std::size_t kMostRemembered = 10'000;
constexpr int kMostDoublings = 5;  // reaches the longest

}  // namespace

void ProxyWatch::unreachable(std::string_view why, SteadyTime now) {
  if (!resting_until(now)) rest(why, now);
}

ProxyWatch::Blame ProxyWatch::silent(const std::string& receiver, std::string_view why,
                                     SteadyTime now) {
  if (silent_since_.size() >= kMostRemembered) silent_since_.clear();
  const SteadyTime first = silent_since_.emplace(receiver, now).first->second;
  if (greeted_at_ && *greeted_at_ - first >= kOneBreak && now - *greeted_at_ <= kProof)
    return Blame::kReceiver;
  if (!resting_until(now) && ++silences_ >= kSilencesBeforeRest) rest(why, now);
  return Blame::kUnknown;
}

void ProxyWatch::greeted(const std::string& receiver, SteadyTime now) {
  silent_since_.erase(receiver);
  greeted_at_ = now;
  rests_until_.reset();
  silences_ = rests_ = 0;
  why_.clear();
}

bool ProxyWatch::broken_off(SteadyTime now) {
  if (is_away() || (broken_at_ && now - *broken_at_ < kOneBreak)) return false;
  broken_at_ = now;
  return true;
}

std::optional<SteadyTime> ProxyWatch::resting_until(SteadyTime now) const {
  return rests_until_ && now < *rests_until_ ? rests_until_ : std::nullopt;
}

void ProxyWatch::rest(std::string_view why, SteadyTime now) {
  why_ = why;
  const auto length = kFirstRest * (1 << std::min(rests_, kMostDoublings));
  rests_until_ = now + std::min<std::chrono::seconds>(length, kLongestRest);
  ++rests_;
}

}  // namespace hongyan::scheduler
