#include "scheduler/breaker.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace hongyan::scheduler {

double wilson_lower(std::int64_t n, std::int64_t bad) {
  if (n <= 0) return 0;
  const auto count = static_cast<double>(n);
  const double p = static_cast<double>(bad) / count;
  const double z2 = kWilsonZ * kWilsonZ;
  const double spread = kWilsonZ * std::sqrt(p * (1 - p) / count + z2 / (4 * count * count));
  return (p + z2 / (2 * count) - spread) / (1 + z2 / count);
}

bool breaker_trips(std::int64_t n, std::int64_t bad, std::int64_t recent_n, std::int64_t recent_bad,
                   const BreakerRule& rule) {
  if (n < kMinEvidence) return false;
  if (n <= kRecentWindow) return wilson_lower(n, bad) >= rule.threshold_percent / 100.0;
  // A caller that counts in coarser steps may look back at somewhat more than 1,000.
  if (recent_bad * kRecentWindow >= rule.recent_bad * std::max(recent_n, kRecentWindow))
    return true;
  return n >= kCumulativeFrom && bad * 100 >= n * rule.threshold_percent;
}

std::int64_t allowed_out(std::int64_t evidence) {
  return std::max(kMinEvidence, evidence);
}

std::string BreakerVerdict::sentence(const BreakerRule& rule) const {
  char text[160];
  std::snprintf(text, sizeof text,
                "%lld of %lld addresses invalid (%.1f %%, surely above %.1f %%; limit %d %%)",
                static_cast<long long>(bad), static_cast<long long>(n), rate * 100, bound * 100,
                rule.threshold_percent);
  return text;
}

BreakerVerdict Breaker::verdict(const BreakerRule& rule) const {
  const std::int64_t recent_n = std::min(n_, kRecentWindow);
  return {.trips = breaker_trips(n_, bad_, recent_n, recent_bad_, rule),
          .n = n_,
          .bad = bad_,
          .recent_n = recent_n,
          .recent_bad = recent_bad_,
          .rate = n_ == 0 ? 0 : static_cast<double>(bad_) / static_cast<double>(n_),
          .bound = wilson_lower(n_, bad_)};
}

void Breaker::record(bool bad) {
  const auto slot = static_cast<std::size_t>(n_ % kRecentWindow);
  recent_bad_ += (bad ? 1 : 0) - (recent_[slot] ? 1 : 0);
  recent_[slot] = bad;
  bad_ += bad ? 1 : 0;
  ++n_;
}

void Breaker::correct(std::int64_t bad) {
  bad = std::clamp<std::int64_t>(bad, 0, n_ - bad_);
  bad_ += bad;
  const auto filled = static_cast<std::size_t>(std::min(n_, kRecentWindow));
  for (std::size_t slot = 0; slot < filled && bad > 0; ++slot) {
    if (recent_[slot]) continue;
    recent_[slot] = true;
    ++recent_bad_;
    --bad;
  }
}

Breaker Breaker::restored(std::int64_t n, std::int64_t bad) {
  Breaker breaker;
  if (n < 0 || bad < 0 || bad > n) return breaker;
  const std::int64_t before = std::max<std::int64_t>(n - kRecentWindow, 0);
  const std::int64_t recent = n - before;
  breaker.n_ = before;
  // Spread evenly, as many as their share.
  const std::int64_t recent_bad = n == 0 ? 0 : bad * recent / n;
  for (std::int64_t i = 0; i < recent; ++i)
    breaker.record((i + 1) * recent_bad / recent > i * recent_bad / recent);
  breaker.bad_ = bad;
  return breaker;
}

void SourceBreaker::record_accepted() {
  all_.record_accepted();
  unheeded_.record_accepted();
}

void SourceBreaker::record_bad() {
  all_.record_bad();
  unheeded_.record_bad();
}

void SourceBreaker::correct(std::int64_t bad) {
  all_.correct(bad);
  unheeded_.correct(bad);
  corrected_ = true;
}

// When the counts were kept all that slows had slowed.
SourceBreaker SourceBreaker::restored(std::int64_t n, std::int64_t bad) {
  SourceBreaker breaker;
  breaker.all_ = Breaker::restored(n, bad);
  if (!breaker.all_.verdict(kJobRule).trips) breaker.unheeded_ = breaker.all_;
  return breaker;
}

SourceVerdict SourceBreaker::take_verdict(std::string& numbers) {
  const bool may_stop = std::exchange(corrected_, false) || unheeded_.n() >= kMinEvidence;
  if (const BreakerVerdict stop = all_.verdict(kStopRule); may_stop && stop.trips) {
    numbers = stop.sentence(kStopRule);
    *this = SourceBreaker{};
    return SourceVerdict::kStop;
  }
  const BreakerVerdict slow = unheeded_.verdict(kJobRule);
  if (!slow.trips) return SourceVerdict::kFine;
  numbers = slow.sentence(kJobRule);
  unheeded_.reset();
  return SourceVerdict::kSlow;
}

}  // namespace hongyan::scheduler
