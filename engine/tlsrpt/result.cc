#include "engine/tlsrpt/result.h"

namespace hongyan::tlsrpt {
namespace {

constexpr std::string_view kNoStarttls = "starttls-not-supported";
constexpr std::string_view kHostMismatch = "certificate-host-mismatch";
constexpr std::string_view kExpired = "certificate-expired";
constexpr std::string_view kNotTrusted = "certificate-not-trusted";
constexpr std::string_view kOther = "validation-failure";
constexpr std::string_view kTlsaInvalid = "tlsa-invalid";
constexpr std::string_view kDnssecInvalid = "dnssec-invalid";
constexpr std::string_view kFetchError = "sts-policy-fetch-error";
constexpr std::string_view kPolicyInvalid = "sts-policy-invalid";
constexpr std::string_view kWebpkiInvalid = "sts-webpki-invalid";

}  // namespace

std::string_view to_string(PolicyType type) {
  switch (type) {
    case PolicyType::kNone:
      return "no-policy-found";
    case PolicyType::kSts:
      return "sts";
    case PolicyType::kTlsa:
      return "tlsa";
  }
  return "no-policy-found";
}

std::optional<PolicyType> parse_policy_type(std::string_view word) {
  for (const PolicyType type : {PolicyType::kNone, PolicyType::kSts, PolicyType::kTlsa})
    if (word == to_string(type)) return type;
  return std::nullopt;
}

std::string_view result_of(const smtp::OpenFailure& failure, PolicyType policy) {
  if (failure.stage != smtp::Stage::kStartTls) return {};
  // Ours, or a receiver that has no time (421) and would have said so to any command.
  if (failure.cause == "cancelled" || failure.cause == "refused") return {};
  if (failure.cause == "tls-not-offered" || failure.cause == "tls-refused") return kNoStarttls;
  switch (failure.certificate) {
    case smtp::CertificateFault::kNone:
      return kOther;
    case smtp::CertificateFault::kName:
      return kHostMismatch;
    case smtp::CertificateFault::kExpired:
      return kExpired;
    case smtp::CertificateFault::kUntrusted:
      // The chain of an anchor that a TLSA record names is as much the record's word as the key's.
      return policy == PolicyType::kTlsa ? kTlsaInvalid : kNotTrusted;
    case smtp::CertificateFault::kTlsa:
      return kTlsaInvalid;
  }
  return kOther;
}

std::string_view result_of_route(std::string_view code) {
  if (code == "tlsa-unresolved") return kDnssecInvalid;
  if (code == "sts-no-host") return kOther;
  return {};
}

std::string_view result_of_policy(std::string_view code) {
  if (code == "sts-certificate") return kWebpkiInvalid;
  if (code == "sts-policy") return kPolicyInvalid;
  return kFetchError;
}

std::string reason_of(const smtp::OpenFailure& failure) {
  if (failure.certificate == smtp::CertificateFault::kNone || failure.detail.empty())
    return failure.cause;
  return failure.cause + ": " + failure.detail;
}

}  // namespace hongyan::tlsrpt
