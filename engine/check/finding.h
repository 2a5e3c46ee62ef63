#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::check {

enum class Level : unsigned char {
  kNote,     // good to know
  kWarning,  // mail will suffer; or something could not be looked at
  kError,    // mail will be refused, thrown away or against the law: do not send
};
std::string_view level_name(Level level);

// One thing that can be wrong. Ids live for ever: programs compare them.
struct Rule {
  std::string_view id;
  Level level;
  std::string_view why;   // the rule behind it and where it is written
  std::string_view todo;  // what the operator does about it
};

// The catalogue; docs/CHECKS.md has the same, a test compares.
std::span<const Rule> rules();
// `id` must be in the catalogue.
const Rule& get_rule(std::string_view id);

struct Finding {
  const Rule* rule = nullptr;
  std::string what;  // what was found, and where
};

class Findings {
 public:
  void add(std::string_view id, std::string what) {
    all_.push_back({&get_rule(id), std::move(what)});
  }
  const std::vector<Finding>& all() const { return all_; }
  std::size_t count(Level level) const;
  bool has(std::string_view id) const;
  // Worst first; what was found first stays first among equals.
  std::vector<Finding> sorted() const;

 private:
  std::vector<Finding> all_;
};

// "a, b, c and 4 more", for findings about many things.
std::string some_of(std::span<const std::string> names, std::size_t most = 5);

}  // namespace hongyan::check
