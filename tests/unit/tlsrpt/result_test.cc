#include "engine/tlsrpt/result.h"

#include <gtest/gtest.h>

namespace hongyan::tlsrpt {
namespace {

using smtp::CertificateFault;
using smtp::OpenFailure;
using smtp::Stage;

TEST(TlsResult, EachCauseHasItsTypeOfRfc8460) {
  struct Case {
    Stage stage;
    std::string cause;
    CertificateFault certificate;
    PolicyType policy;
    std::string_view result;
  };
  constexpr auto kNoFault = CertificateFault::kNone;
  constexpr auto kNoPolicy = PolicyType::kNone;
  const Case cases[] = {
      {Stage::kConnect, "connect-refused", kNoFault, kNoPolicy, ""},
      {Stage::kGreeting, "timeout", kNoFault, kNoPolicy, ""},
      {Stage::kEhlo, "refused", kNoFault, kNoPolicy, ""},
      {Stage::kStartTls, "refused", kNoFault, kNoPolicy, ""},
      {Stage::kStartTls, "cancelled", kNoFault, kNoPolicy, ""},
      {Stage::kAuth, "auth-refused", kNoFault, kNoPolicy, ""},
      {Stage::kStartTls, "tls-not-offered", kNoFault, kNoPolicy, "starttls-not-supported"},
      {Stage::kStartTls, "tls-not-offered", kNoFault, PolicyType::kTlsa, "starttls-not-supported"},
      {Stage::kStartTls, "tls-refused", kNoFault, PolicyType::kSts, "starttls-not-supported"},
      {Stage::kStartTls, "tls-handshake", kNoFault, kNoPolicy, "validation-failure"},
      {Stage::kStartTls, "timeout", kNoFault, kNoPolicy, "validation-failure"},
      {Stage::kStartTls, "starttls-injection", kNoFault, kNoPolicy, "validation-failure"},
      {Stage::kStartTls, "tls-unverified", kNoFault, PolicyType::kSts, "validation-failure"},
      {Stage::kStartTls, "tls-unverified", CertificateFault::kName, PolicyType::kSts,
       "certificate-host-mismatch"},
      {Stage::kStartTls, "tls-unverified", CertificateFault::kExpired, PolicyType::kSts,
       "certificate-expired"},
      {Stage::kStartTls, "tls-unverified", CertificateFault::kUntrusted, PolicyType::kSts,
       "certificate-not-trusted"},
      {Stage::kStartTls, "tls-unverified", CertificateFault::kUntrusted, PolicyType::kTlsa,
       "tlsa-invalid"},
      {Stage::kStartTls, "tls-unverified", CertificateFault::kTlsa, PolicyType::kTlsa,
       "tlsa-invalid"},
  };
  for (const Case& c : cases)
    EXPECT_EQ(result_of(OpenFailure{c.stage, {}, c.cause, "", c.certificate}, c.policy), c.result)
        << c.cause << " at stage " << static_cast<int>(c.stage);
}

TEST(TlsResult, PoliciesAndRoutesThatCannotBeHadAreFailuresToo) {
  EXPECT_EQ(result_of_policy("sts-unreachable"), "sts-policy-fetch-error");
  EXPECT_EQ(result_of_policy("sts-answer"), "sts-policy-fetch-error");
  EXPECT_EQ(result_of_policy("sts-certificate"), "sts-webpki-invalid");
  EXPECT_EQ(result_of_policy("sts-policy"), "sts-policy-invalid");
  EXPECT_EQ(result_of_route("tlsa-unresolved"), "dnssec-invalid");
  EXPECT_EQ(result_of_route("sts-no-host"), "validation-failure");
  EXPECT_EQ(result_of_route("nxdomain"), "");
}

TEST(TlsResult, TheReasonNamesWhatOpensslSaysOfACertificateAndNothingOfThePeer) {
  OpenFailure failure{Stage::kStartTls,
                      {},
                      "tls-unverified",
                      "self-signed certificate",
                      CertificateFault::kUntrusted};
  EXPECT_EQ(reason_of(failure), "tls-unverified: self-signed certificate");
  failure = {Stage::kStartTls, {}, "tls-handshake", "whatever"};
  EXPECT_EQ(reason_of(failure), "tls-handshake");
}

}  // namespace
}  // namespace hongyan::tlsrpt
