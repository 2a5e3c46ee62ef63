#pragma once

#include "base/error.h"

#include <string>
#include <string_view>

namespace hongyan {

// One mailbox as a bulk message may be sent to it: a bare addr-spec of RFC 5321 4.1.2, with UTF-8
// in the local part (RFC 6531) and an IDNA2008 domain.
struct Address {
  std::string local;            // byte for byte as given; a quoted string keeps its quotes
  std::string domain;           // A-labels, lower case
  bool needs_smtputf8 = false;  // the local part is not ASCII

  // Equal for two spellings of one mailbox: only the receiver knows whether case or quotes matter
  // in a local part, so nothing but the domain is folded.
  std::string normalised() const { return local + "@" + domain; }
  // For people: the domain in its own script.
  std::string display() const;

  friend bool operator==(const Address&, const Address&) = default;
};

// Limits of RFC 5321 4.5.3.1 (a path of 256 octets has two for its brackets) and RFC 1035.
inline constexpr std::size_t kMaxLocalPart = 64;
inline constexpr std::size_t kMaxDomain = 255;
inline constexpr std::size_t kMaxAddress = 254;

// Blanks around the text (the ideographic and no-break ones and a byte order mark too) are dropped.
// Refused besides what the RFCs refuse: address literals, domains without a dot, domains whose last
// label is a number. Errors have scope kDelivery and a sentence a list owner understands.
Result<Address> parse_address(std::string_view text);

// The domain as lower-case A-labels, or why it is none.
Result<std::string> parse_domain(std::string_view text);

}  // namespace hongyan
