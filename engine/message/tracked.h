#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hongyan::message {

// The name of the variable with the address that stands for links[number], and of that of the image
// that tells an open.
std::string click_variable(std::size_t number);
inline constexpr std::string_view kOpenVariable = "_open_url";

inline constexpr std::size_t kMaxTracked = 64;  // links of a message

struct Tracked {
  std::string html;
  std::vector<std::string> links;  // where they led: http and https, without Liquid in them
};

// A template of html whose links lead through variables, each to be given for each recipient. Links
// with Liquid in them stay, and those in comments of either kind.
Tracked track(std::string_view html, bool clicks, bool opens);

}  // namespace hongyan::message
