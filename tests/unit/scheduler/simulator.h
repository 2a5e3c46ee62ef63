#pragma once

#include "base/clock.h"
#include "scheduler/lane_table.h"
#include "scheduler/rate.h"
#include "scheduler/reply_policy.h"
#include "scheduler/retry.h"

#include <cstdint>
#include <deque>
#include <queue>
#include <random>
#include <string>
#include <vector>

namespace hongyan::scheduler::testing {

// One receiver of the world: what it is allowed to be sent, and how it answers.
struct Receiver {
  LaneLimits limits{};
  double bounce = 0;  // shares of the messages
  double defer = 0;
  double throttle = 0;  // 421 to MAIL
  double drop = 0;      // connection lost before an answer
  double doubt = 0;     // lost after end-of-data; half of them were accepted
  Millis most_latency{200};
};

struct Script {
  std::uint64_t seed = 0;
  std::vector<Receiver> receivers{};
  int recipients = 1000;
  int jobs = 4;
  bool interrupt = true;  // pauses and resumes jobs at random
  RetrySchedule retries{};
};

// Scheduler and policy against receivers and a store in memory, event by event.
//
// After each event it checks its rules; violations() names what was broken. A recipient is in one
// of the states below; a transition from any other state than the expected one is a violation.
class Simulator {
 public:
  enum class State : unsigned char {
    kQueued,   // job paused, or due later
    kWaiting,  // in a lane
    kInFlight,
    kDelivered,
    kBounced,
    kExpired,
  };

  explicit Simulator(const Script& script);

  // Until nothing is left to do. False: it did not end within `most_events`.
  bool run(std::int64_t most_events);

  std::int64_t in_state(State state) const { return counts_[static_cast<std::size_t>(state)]; }
  std::int64_t ledger() const { return ledger_; }
  std::int64_t attempts() const { return attempts_; }
  std::int64_t accepted_copies() const { return accepted_copies_; }  // as receivers count
  std::int64_t accepted_recipients() const;
  std::int64_t doubts() const { return doubts_; }
  SteadyTime::duration elapsed() const { return clock_.steady() - ManualClock{}.steady(); }
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  struct Recipient {
    State state = State::kQueued;
    std::uint8_t job = 0;
    std::uint8_t receiver = 0;
    bool accepted = false;  // the receiver has a copy
    int attempts = 0;
    WallTime first_attempt{};
  };
  struct Event {
    SteadyTime at;
    enum class Kind : unsigned char { kDue, kAnswer, kInterrupt, kLook } kind;
    std::uint32_t subject;
    Answer answer;
    bool operator>(const Event& other) const { return at > other.at; }
  };
  struct World {  // beside each lane
    LaneKey key;
    Gcra store_tokens;
    std::vector<std::deque<SteadyTime>> starts;  // per rate, those within its length
    SteadyTime look_at = SteadyTime::max();
  };

  void handle(const Event& event);
  void due(std::uint32_t recipient);
  void answered(std::uint32_t recipient, const Answer& answer);
  void interrupt(std::uint32_t job);
  void drive(std::size_t receiver);
  void attempt(std::size_t receiver, const Lane::Next& next);
  Answer script_answer(const Receiver& receiver, Recipient& recipient);
  void look_again(std::size_t receiver, SteadyTime at);
  void check_limits(std::size_t receiver);
  void check_whole();
  void move(std::uint32_t recipient, State from, State to);
  void violate(std::string what);
  double chance() { return std::uniform_real_distribution<>(0, 1)(random_); }
  Lane& lane(std::size_t receiver);

  Script script_;
  std::mt19937_64 random_;
  ManualClock clock_;
  LaneTable lanes_;
  std::vector<World> world_;
  std::vector<Recipient> recipients_;
  std::vector<bool> job_paused_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::int64_t counts_[6] = {};
  std::int64_t ledger_ = 0;
  std::int64_t attempts_ = 0;
  std::int64_t accepted_copies_ = 0;
  std::int64_t doubts_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace hongyan::scheduler::testing
