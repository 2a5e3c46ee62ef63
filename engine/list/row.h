#pragma once

#include "base/address.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace hongyan::list {

// One recipient row of a list, good or refused: refused rows are kept, with number and reason.
struct Row {
  // As the list's owner counts: rows of a sheet with its header as row 1, lines of NDJSON from 1.
  std::uint64_t number = 0;
  Result<Address> address;
  // The address as given, cut to kMaxRawAddress; what reports show when there is no Address.
  std::string to;
  // In the order of the list; the address column is not among them. null means absent; a
  // value is as base/list_value.h says. Empty when the row is refused.
  std::vector<std::pair<std::string, std::string>> vars;

  bool refused() const { return !address.has_value(); }
};

inline constexpr std::size_t kMaxRawAddress = 1024;
// A record of a file: more is refused, not stored.
inline constexpr std::size_t kMaxRecord = 256 * 1024;
inline constexpr std::size_t kMaxVars = 1000;

}  // namespace hongyan::list
