#pragma once

#include "base/error.h"
#include "engine/message/template.h"

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hongyan::message {

// What a boolean that is false writes. `default` stands in for it: known by its place in memory,
// for a text may read the same.
inline constexpr char kFalseText[] = "false";  // an object: a literal may be another in each file
inline constexpr std::string_view kFalse = kFalseText;

// One use of a variable, or of something evaluated. `slot` is its place in the table of values of a
// recipient.
struct Use {
  std::size_t slot = 0;
  std::optional<std::string> fallback = std::nullopt;
  bool raw = false;  // needs no escaping in HTML

  std::string_view value(std::span<const std::string_view> values) const {
    const std::string_view given = values[slot];
    const bool nothing = given.empty() || given.data() == kFalse.data();
    return nothing && fallback ? std::string_view(*fallback) : given;
  }
};

// A recipient's values: one per distinct variable of a message, so that each is looked up and
// checked once per recipient, and one per segment that is evaluated.
class Slots {
 public:
  // Gives the segment its slot, if it is no literal.
  void place(Segment& segment);
  static Use use(const Segment& segment);
  // Unknown variables are empty instead of a refusal.
  void accept_unknown() { accepts_unknown_ = true; }
  // Fills `values`, one per slot; an unknown variable whose uses all have defaults is empty, and so
  // is what must be evaluated. `texts` keeps what has to be written out first.
  Result<void> resolve(std::span<const std::pair<std::string_view, std::string_view>> variables,
                       std::vector<std::string_view>& values, std::deque<std::string>& texts) const;

 private:
  struct Slot {
    std::string name;  // empty: evaluated
    bool required = false;
    std::size_t uses = 0;
  };
  std::vector<Slot> slots_;
  std::unordered_map<std::string, std::size_t> places_;
  bool accepts_unknown_ = false;
};

Error unknown_variable(std::string_view name);
Error invalid_value(std::string_view name, std::string_view why);

}  // namespace hongyan::message
