#pragma once

#include "dns/lookup.h"

#include <string>
#include <string_view>

namespace hongyan::dns {

// RFC 7208 2.6, as receivers would see it.
enum class SpfResult : unsigned char {
  kNone,       // the domain publishes nothing
  kNeutral,    // it says nothing about this address
  kPass,       // the address may send
  kFail,       // it may not
  kSoftFail,   // it probably may not
  kTempError,  // the DNS did not answer
  kPermError,  // the records are wrong
};
std::string_view spf_result_name(SpfResult result);

struct SpfQuery {
  IpAddress ip;        // who connects
  std::string domain;  // of MAIL FROM, A-labels
  std::string sender;  // the whole MAIL FROM
  std::string helo;
};

struct SpfVerdict {
  SpfResult result = SpfResult::kNone;
  std::string record;   // of the domain that was asked for; empty: none
  std::string matched;  // the term that decided and whose it is: "ip4:192.0.2.0/24 of acme.example"
  std::string problem;  // of the two errors, as a sentence
  int lookups = 0;      // terms that ask the DNS, all records together; at most 10 (4.6.4)
  int void_lookups = 0;  // of them those that found nothing; at most 2
};

// check_host() of RFC 7208 4: every mechanism, include, redirect, macros, the limits.
// Explanations (exp=) are checked for syntax and not fetched.
SpfVerdict check_spf(const SpfQuery& query, Lookup& dns);

}  // namespace hongyan::dns
