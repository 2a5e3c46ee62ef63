#pragma once

#include "base/error.h"
#include "engine/message/template.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hongyan::message {

// One use of a variable. `slot` is its place in the table of values of a recipient.
struct Use {
  std::size_t slot = 0;
  std::optional<std::string> fallback;

  std::string_view value(std::span<const std::string_view> values) const {
    const std::string_view given = values[slot];
    return given.empty() && fallback ? std::string_view(*fallback) : given;
  }
};

// The distinct variables of a message, so that each is looked up and checked once per recipient.
class Slots {
 public:
  Use add(const Segment& variable);
  // Fills `values`, one per slot; an unknown variable whose uses all have defaults is empty.
  Result<void> resolve(std::span<const std::pair<std::string_view, std::string_view>> variables,
                       std::vector<std::string_view>& values) const;

 private:
  struct Slot {
    std::string name;
    bool required = false;
    std::size_t uses = 0;
  };
  std::vector<Slot> slots_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace hongyan::message
