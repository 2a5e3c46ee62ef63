#pragma once

#include "base/network.h"

#include <functional>
#include <string>
#include <string_view>

namespace hongyan::dns {

// Macros of RFC 7208 7.

struct SpfMacroValues {
  IpAddress ip;
  std::string_view sender;  // local@domain
  std::string_view domain;  // the one being checked now
  std::string_view helo;
  // %{p}, asked for only when used.
  std::function<std::string()> validated_name;
};

// Whether `text` is a macro-string: every % begins %%, %_, %- or %{...}, every character visible.
bool is_macro_string(std::string_view text);
// Whether it may stand for a domain: ends in a label that is no number, or in a macro.
bool is_domain_spec(std::string_view text);

// `text` must be a macro-string. A result above 253 bytes loses labels from its left (7.3).
std::string expand_spf_macros(std::string_view text, const SpfMacroValues& values);

}  // namespace hongyan::dns
