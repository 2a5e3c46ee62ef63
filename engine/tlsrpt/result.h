#pragma once

#include "engine/smtp/opening.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::tlsrpt {

// Whose demands a session was held to (RFC 8460 4.4, policy-type).
enum class PolicyType : std::uint8_t {
  kNone,  // the receiver publishes none
  kSts,   // RFC 8461, enforce and testing
  kTlsa,  // RFC 7672
};
// "no-policy-found", "sts", "tlsa".
std::string_view to_string(PolicyType type);
std::optional<PolicyType> parse_policy_type(std::string_view word);

// The result types of RFC 8460 4.3 for what failed; empty: it says nothing about TLS, so there was
// no session to count (a refused connection, a greeting that is none).
std::string_view result_of(const smtp::OpenFailure& failure, PolicyType policy);
// For a route that cannot be taken: the codes of dns::Resolver.
std::string_view result_of_route(std::string_view code);
// For an MTA-STS policy that could not be had: the codes of dns::StsFetcher.
std::string_view result_of_policy(std::string_view code);

// failure-reason-code: a word of ours, for a certificate OpenSSL's reason too. Few values, never
// text of the peer.
std::string reason_of(const smtp::OpenFailure& failure);

}  // namespace hongyan::tlsrpt
