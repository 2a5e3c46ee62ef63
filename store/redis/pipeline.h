#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "store/redis/command.h"
#include "store/redis/decoder.h"
#include "store/redis/reply.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace hongyan::redis {

struct PipelineStats {
  std::uint64_t commands = 0;
  std::uint64_t replies = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t bytes_in = 0;
  // Sum over replies of queued-to-answered; divided by `replies` it is the mean round trip.
  std::chrono::nanoseconds round_trips{0};
};

// Which reply belongs to whom: commands go in and bytes come out, bytes go in and handlers run.
// Opens no socket, reads no clock.
//
// Handlers run inside feed(), expire() and fail_all(); they may push() more.
// Invariant: entries stand in the order their bytes were queued; an entry that expired stays,
// without its handler, until its reply has passed.
class Pipeline {
 public:
  using Handler = std::move_only_function<void(Result<Reply>)>;
  // A head that expired and this long without a byte: the connection is dead, not slow.
  static constexpr std::chrono::seconds kSilence{5};

  Pipeline();

  void push(const Command& command, SteadyTime now, SteadyTime deadline, Handler handler);
  bool has_output() const { return !output_.empty(); }
  // Moves everything queued into `buffer` (whose storage is kept for the next turn).
  void take_output(std::string& buffer);
  // Error "redis-protocol": drop the connection and call fail_all().
  Result<void> feed(std::string_view bytes, SteadyTime now);

  // Fails what is due with redis-timeout; returns when to ask again (max: no call is waiting).
  SteadyTime expire(SteadyTime now);
  bool is_dead(SteadyTime now) const;

  // Every outstanding call fails; queued bytes and half-read replies are forgotten.
  void fail_all(const Error& error);

  std::size_t outstanding() const { return pending_.size(); }
  const PipelineStats& stats() const { return stats_; }

 private:
  struct Pending {
    SteadyTime queued;
    SteadyTime deadline;
    Handler handler;
  };
  SteadyTime dead_at() const;

  std::deque<Pending> pending_;
  std::string output_;
  std::unique_ptr<Decoder> decoder_;
  SteadyTime heard_{};
  PipelineStats stats_;
};

}  // namespace hongyan::redis
