#pragma once

#include "engine/check/finding.h"

#include <string>
#include <vector>

namespace hongyan::check {

// The ids, in the order found.
inline std::vector<std::string> ids_of(const Findings& findings) {
  std::vector<std::string> ids;
  for (const Finding& one : findings.all()) ids.emplace_back(one.rule->id);
  return ids;
}

inline std::string what_of(const Findings& findings, std::string_view id) {
  for (const Finding& one : findings.all())
    if (one.rule->id == id) return one.what;
  return {};
}

}  // namespace hongyan::check
