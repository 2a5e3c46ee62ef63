#pragma once

#include "base/clock.h"
#include "base/error.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::scheduler {

// clang-format off
// | mode   | what the lane does                    | leaves by                                                    |
// |--------|---------------------------------------|--------------------------------------------------------------|
// | normal | sends as its limits allow             | a reaction -> slow or paused                                 |
// | slow   | sends at its own rate, below limits   | climbing past the limit, or 24 h without a refusal -> normal |
// | paused | starts nothing, wants no connection   | the deadline -> slow, or normal when no rate was learned     |
// clang-format on
enum class Mode : unsigned char { kNormal, kSlow, kPaused };

enum class PaceReason : unsigned char {
  kNone,
  kRefused,            // the receiver said: too fast, or not from you
  kConnectionTrouble,  // connections fail in a row
  kBadAddresses,       // the breaker of this source × provider
};

std::string_view to_string(Mode mode);          // "normal", "slow", "paused"
std::string_view to_string(PaceReason reason);  // "refused", ...; empty for kNone

// What of a lane's pace survives a restart.
struct PaceState {
  Mode mode = Mode::kNormal;
  PaceReason reason = PaceReason::kNone;
  std::string reply;  // the one that caused the mode, bounded; raw bytes of the peer
  std::optional<WallTime> paused_until;  // set when paused
  std::optional<WallTime> refused_at;    // the last refusal
  double ceiling = 0;                    // messages/s that were refused; 0: none learned
  double rate = 0;                       // messages/s now allowed by the pace; 0: no own limit
  Millis hold{0};                        // at 0.95 of the ceiling
  double growth = 0;                     // of the next step beyond it
  std::optional<WallTime> probe_at;
  double window = 0;  // connections; 0: start value
  int refusals = 0;   // in a row
  int failures = 0;   // connections, in a row

  // Flat text, as a Redis hash takes it. Empty values are left out.
  using Fields = std::map<std::string, std::string>;
  Fields to_fields() const;
  // Unknown fields are ignored, missing ones have their start value. Error: "bad-pace-state".
  static Result<PaceState> from_fields(const Fields& fields);

  friend bool operator==(const PaceState&, const PaceState&) = default;
};

}  // namespace hongyan::scheduler
