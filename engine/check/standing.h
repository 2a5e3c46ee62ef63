#pragma once

#include "dns/lookup.h"

#include <string>

namespace hongyan::check {

// How a means of authentication stands, the worst last.
enum class Standing : unsigned char { kPasses, kUnknown, kFails };

// What SPF or DKIM vouches for. DMARC asks whether that is the domain of From.
struct Voucher {
  std::string domain;  // empty: none
  Standing standing = Standing::kFails;
};

// Empty: the answer holds, be it that there is nothing. Otherwise why it says nothing.
std::string failure_of(const Result<dns::Answer>& answer);

}  // namespace hongyan::check
