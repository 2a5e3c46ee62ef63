#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::inbound {

// An address in a text.
struct Hit {
  std::size_t begin = 0;  // where it stands, brackets included
  std::size_t end = 0;
  std::string address;
};

inline constexpr std::size_t kMostHits = 500;

// Addresses by their look: ASCII, or anything within <>; with a dot in the domain. At most
// kMostHits.
std::vector<Hit> find_addresses(std::string_view text);

// Those of To, Cc and the like; display names are left out.
std::vector<std::string> header_addresses(std::string_view value);

// Of "rfc822; a@b", "utf-8; ...", "<a@b>": the address; empty: there is none. RFC 6533's escapes
// ("\x{5F20}") are undone. A host without a dot will do.
std::string typed_address(std::string_view value);

// The part before the @, lower case.
std::string local_part(std::string_view address);

// The local parts that mailers and their keepers use.
bool is_machine(std::string_view address);

}  // namespace hongyan::inbound
