#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::liquid {

// Where in a template, for people: both counted from 1, columns in characters.
struct Place {
  std::size_t line = 1;
  std::size_t column = 1;
  std::string excerpt;  // of that line, at most some 40 characters
};
Place place_of(std::string_view source, std::size_t at);

struct Problem {
  std::size_t at = 0;
  std::string what;
};

inline constexpr std::size_t kMostProblems = 20;

// What is wrong with a template, at most kMostProblems of it.
class Problems {
 public:
  // Returns false, so that a parser can `return problems.add(...)`.
  bool add(std::size_t at, std::string what) {
    if (!full()) list_.push_back({at, std::move(what)});
    return false;
  }
  bool full() const { return list_.size() >= kMostProblems; }
  const std::vector<Problem>& list() const { return list_; }

 private:
  std::vector<Problem> list_;
};

}  // namespace hongyan::liquid
