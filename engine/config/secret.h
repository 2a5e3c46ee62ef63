#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace hongyan::config {

// A password or token, and where it is kept. Only `reveal` gives the value; everything that prints
// or compares a configuration sees the place ("env:NAME" or a file's path).
class Secret {
 public:
  Secret() = default;
  static Secret from_environment(std::string name) {
    return Secret("env:" + std::move(name), true);
  }
  static Secret from_file(std::string path) { return Secret(std::move(path), false); }

  bool is_set() const { return !place_.empty(); }
  bool in_environment() const { return in_environment_; }
  const std::string& place() const { return place_; }

  // Empty until load_config has read it; of a source that another engine owns it stays empty.
  const std::string& reveal() const { return value_; }
  void set_value(std::string value) { value_ = std::move(value); }

  friend bool operator==(const Secret& a, const Secret& b) { return a.place_ == b.place_; }

 private:
  Secret(std::string place, bool in_environment)
      : place_(std::move(place)), in_environment_(in_environment) {}

  std::string place_;
  bool in_environment_ = false;
  std::string value_;
};

}  // namespace hongyan::config
