#pragma once

#include "engine/check/finding.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace hongyan::check {

// So many addresses of a list of any length, each as likely as any other (Vitter's algorithm R).
// The same list gives the same sample.
class AddressSample {
 public:
  explicit AddressSample(std::size_t most) : most_(most) {}

  void add(std::string address);
  std::uint64_t seen() const { return seen_; }
  const std::vector<std::string>& addresses() const { return addresses_; }

 private:
  std::size_t most_;
  std::uint64_t seen_ = 0;
  std::mt19937_64 random_{1};  // always alike: two checks of one list must not differ
  std::vector<std::string> addresses_;
};

// What the suppression lists say about a sample.
struct Suppressed {
  std::size_t asked = 0;
  std::size_t found = 0;
  std::map<std::string, std::size_t> reasons;  // bounce, complaint, unsubscribe ...
};

// `listed`: addresses the sample stands for.
void check_suppressed(const Suppressed& suppressed, std::uint64_t listed, Findings& findings);

}  // namespace hongyan::check
