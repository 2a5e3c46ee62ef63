#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace hongyan::check {

// A published DKIM key (RFC 6376 3.6.1), as far as a signer needs it.
struct DkimRecord {
  std::string type = "rsa";  // k=
  std::string key;           // p=, base64 without blanks; empty: revoked
  bool testing = false;      // t=y
  bool for_mail = true;      // s= has * or email
  bool for_sha256 = true;    // h= is absent or has sha256
};

// The error is a sentence. Tags that nobody knows are ignored, as 3.2 says.
std::expected<DkimRecord, std::string> parse_dkim(std::string_view text);

}  // namespace hongyan::check
