#pragma once

#include <bitset>
#include <cstdint>
#include <string>

namespace hongyan::scheduler {

// DESIGN 3.4. An outcome here is an accepted message or an invalid address (bad mailbox or bad
// domain); everything else is no evidence and is never counted.
inline constexpr double kWilsonZ = 1.2815515655446004;  // one-sided 90 %
inline constexpr std::int64_t kMinEvidence = 50;        // no verdict before
inline constexpr std::int64_t kRecentWindow = 1000;
inline constexpr std::int64_t kCumulativeFrom = 2000;

// When to trip. recent_bad is the number of bad ones in the last 1,000 outcomes that a list at the
// threshold reaches by chance once in 20,000 looks (threshold + 3.9 standard deviations).
struct BreakerRule {
  int threshold_percent = 3;
  std::int64_t recent_bad = 51;
};
inline constexpr BreakerRule kJobRule{3, 51};
inline constexpr BreakerRule kStopRule{10, 137};  // source × provider

// Lower end of the one-sided 90 % Wilson interval of bad / n; 0 when n is 0.
double wilson_lower(std::int64_t n, std::int64_t bad);

// The rule as a pure function, so that the store's copy of it can be compared with this one.
//
// n, bad: all outcomes and the bad ones among them; recent_n, recent_bad: the same for the last
// 1,000. Up to 1,000 outcomes (from 50 on): wilson_lower >= threshold. After that: 51 or more bad
// in the last 1,000, or a cumulative rate >= threshold with 2,000 outcomes or more.
bool breaker_trips(std::int64_t n, std::int64_t bad, std::int64_t recent_n, std::int64_t recent_bad,
                   const BreakerRule& rule = kJobRule);

// Messages of a job that may be out (sent, outcome unknown) when `evidence` outcomes are known: 50
// until 50 are known, then as many as are known.
std::int64_t allowed_out(std::int64_t evidence);

// What the counts say, with the numbers that an operator is shown.
struct BreakerVerdict {
  bool trips = false;
  std::int64_t n = 0;
  std::int64_t bad = 0;
  std::int64_t recent_n = 0;
  std::int64_t recent_bad = 0;
  double rate = 0;   // bad / n
  double bound = 0;  // wilson_lower(n, bad)

  // "12 of 80 addresses invalid (15.0 %, surely above 10.4 %; limit 3 %)"
  std::string sentence(const BreakerRule& rule = kJobRule) const;
};

// Counts of one job, or of one source × provider.
//
// Thread: its owner's.
class Breaker {
 public:
  void record_accepted() { record(false); }
  void record_bad() { record(true); }
  void reset() { *this = Breaker{}; }
  // A mail told that so many of those counted as accepted were bad; more than those it cannot be.
  // Which of the last 1,000 outcomes they were is not known: any good ones give way.
  void correct(std::int64_t bad);
  // Counts that were kept, of n outcomes; where among the last 1,000 the bad ones stood was not.
  static Breaker restored(std::int64_t n, std::int64_t bad);

  std::int64_t n() const { return n_; }
  std::int64_t bad() const { return bad_; }
  BreakerVerdict verdict(const BreakerRule& rule = kJobRule) const;

 private:
  void record(bool bad);

  std::int64_t n_ = 0;
  std::int64_t bad_ = 0;
  std::int64_t recent_bad_ = 0;
  std::bitset<kRecentWindow> recent_;  // ring; the slot of outcome i is i mod 1,000
};

enum class SourceVerdict : unsigned char {
  kFine,  // go on
  kSlow,  // 3 % invalid: the provider will notice soon
  kStop,  // 10 % invalid: the source is burning its name here
};

// The same device for a source × provider. It slows as often as there is new evidence for that;
// what it has slowed for still counts towards a stop, or signs that come bit by bit would never
// stop it. But once slowed it stops for answers only after kMinEvidence further ones: the job that
// brings the bad addresses trips by then, and the others of the lane go on.
//
// Thread: its owner's.
class SourceBreaker {
 public:
  void record_accepted();
  void record_bad();
  void correct(std::int64_t bad);  // as Breaker::correct()
  static SourceBreaker restored(std::int64_t n, std::int64_t bad);

  // Each kSlow and each kStop once; `numbers` says why. After a stop the counts begin anew, so that
  // the lane finds its way back by itself.
  SourceVerdict take_verdict(std::string& numbers);

  const Breaker& counts() const { return all_; }  // since the last stop

 private:
  Breaker all_;
  Breaker unheeded_;        // since the last kSlow
  bool corrected_ = false;  // since the last verdict
};

}  // namespace hongyan::scheduler
