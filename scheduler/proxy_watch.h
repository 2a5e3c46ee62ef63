#pragma once

#include "base/clock.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::scheduler {

// What is known of the outbound proxy of a source, and when the source rests because of it.
//
//   what happened      whose trouble            what follows
//   greeted()          nobody's                 all is forgotten
//   unreachable()      ours                     the source rests at once
//   silent()           the receiver's, when it  its lane hears of it, as without a proxy
//                      is so again and others
//                      were greeted meanwhile
//                      nobody knows, else       the third in a row makes the source rest
//   broken_off()       unknown                  one in kOneBreak is the receiver's
//
// Silent is a proxy that takes the connection and ends it, or waits, before a byte of the receiver
// has come through: the receiver is away, or the proxy cannot use the address. The protocol has no
// word for either, so the only evidence is that others get through: kOneBreak and more after this
// receiver was first silent, and within kProof of now. What was greeted before proves nothing, for
// connections that a proxy takes while it ends are silent as well.
//
// A proxy that ends breaks off all its connections at once. That is one event, and no reason to
// pause a lane; a receiver that breaks off again and again is soon known by it all the same.
//
// A rest is 1 s, and twice as long after each further failure, up to 30 s: a proxy is one hop away
// and ours, so it is asked often. Failures during a rest were on their way, and are no news.
//
// Owner: LaneDesk, one for each source with a proxy. Pure, not thread-safe.
class ProxyWatch {
 public:
  enum class Blame : unsigned char { kReceiver, kUnknown };
  static constexpr std::chrono::seconds kProof{10};
  static constexpr std::chrono::seconds kOneBreak{2};

  void unreachable(std::string_view why, SteadyTime now);
  // `receiver`: its address.
  Blame silent(const std::string& receiver, std::string_view why, SteadyTime now);
  void greeted(const std::string& receiver, SteadyTime now);
  // A connection that had been greeted was lost. Whether its lane is to hear of it.
  bool broken_off(SteadyTime now);

  std::optional<SteadyTime> resting_until(SteadyTime now) const;
  // From the first rest until somebody greets.
  bool is_away() const { return rests_ > 0; }
  const std::string& why() const { return why_; }

 private:
  void rest(std::string_view why, SteadyTime now);

  std::optional<SteadyTime> greeted_at_;
  std::map<std::string, SteadyTime> silent_since_;  // receivers that have not greeted since
  std::optional<SteadyTime> broken_at_;
  std::optional<SteadyTime> rests_until_;
  int silences_ = 0;  // in a row
  int rests_ = 0;     // likewise
  std::string why_;
};

}  // namespace hongyan::scheduler
