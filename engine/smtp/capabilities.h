#pragma once

#include <cstddef>
#include <string_view>

namespace hongyan::smtp {

// What a server says it can do, in answer to EHLO.
struct Capabilities {
  bool pipelining = false;      // RFC 2920
  bool eight_bit_mime = false;  // RFC 6152
  bool smtputf8 = false;        // RFC 6531
  bool enhanced_codes = false;  // RFC 2034
  bool chunking = false;        // RFC 3030
  bool starttls = false;        // RFC 3207
  bool size = false;            // RFC 1870
  std::size_t size_limit = 0;   // bytes; 0: none told
  bool auth_plain = false;      // RFC 4954, 4616
  bool auth_login = false;
  bool auth_oauthbearer = false;  // RFC 7628
  bool auth_xoauth2 = false;
  friend bool operator==(const Capabilities&, const Capabilities&) = default;
};

// `lines` of the reply to EHLO, separated by \n; the first one is the server's name and is skipped.
// Unknown keywords and parameters are ignored.
Capabilities parse_ehlo(std::string_view lines);

}  // namespace hongyan::smtp
