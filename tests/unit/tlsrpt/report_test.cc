#include "engine/tlsrpt/report.h"

#include <gmock/gmock.h>

namespace hongyan::tlsrpt {
namespace {

const Reporter kReporter{"Acme", "tls@acme.example", "2026-11-20"};
const Counts kDay{
    {"x.example|no-policy-found|ok", 2},
    {"x.example|sts|ok", 90},
    {"x.example|sts|certificate-expired|mx2.x.example|192.0.2.1|198.51.100.7|tls-unverified", 3},
    {"x.example|sts|starttls-not-supported|mx1.x.example|||tls-not-offered", 5},
    {"x.example|sts|policy|version: STSv1;mode: testing;mx: old.x.example", 4},
    {"x.example|sts|policy|version: STSv1;mode: enforce;mx: *.x.example;max_age: 86400", 94},
    {"a.example|tlsa|tlsa-invalid|mx.a.example|192.0.2.1|198.51.100.9|tls-unverified", 1},
    {"a.example|tlsa|policy|_25._tcp.mx.a.example. IN TLSA 3 1 1 00", 1},
    {"a.example|tlsa|policy|_25._tcp.mx.a.example. IN TLSA 3 1 1 01", 2},
    {"b.example|sts|policy|version: STSv1", 1},  // nothing happened under it
    {"unlisted", 6},
    {"whatever", 6}};

TEST(TlsReport, GathersADay) {
  const DayReport day = read_day(kDay);
  EXPECT_EQ(day.unlisted, 6);
  ASSERT_EQ(day.domains.size(), 2U);
  EXPECT_THAT(day.domains[0].policies.front().lines.size(), 2U);
  const PolicyReport& sts = day.domains[1].policies[1];
  EXPECT_EQ(sts.succeeded, 90);
  EXPECT_EQ(sts.failed, 8);
  EXPECT_EQ(sts.failures.front().session.result, "starttls-not-supported");
}

TEST(TlsReport, HasTheFormOfRfc8460) {
  const DayReport day = read_day(kDay);
  EXPECT_EQ(
      to_json(to_json_report(kReporter, day.domains[1])),
      R"({"organization-name":"Acme",)"
      R"("date-range":{"start-datetime":"2026-11-20T00:00:00Z","end-datetime":"2026-11-20T23:59:59Z"},)"
      R"("contact-info":"tls@acme.example","report-id":"2026-11-20.x.example@acme.example","policies":[)"
      R"({"policy":{"policy-type":"no-policy-found","policy-domain":"x.example"},)"
      R"("summary":{"total-successful-session-count":2,"total-failure-session-count":0}},)"
      R"({"policy":{"policy-type":"sts","policy-string":["version: STSv1","mode: enforce","mx: *.x.example",)"
      R"("max_age: 86400"],"policy-domain":"x.example","mx-host":["*.x.example"]},)"
      R"("summary":{"total-successful-session-count":90,"total-failure-session-count":8},"failure-details":[)"
      R"({"result-type":"starttls-not-supported","receiving-mx-hostname":"mx1.x.example",)"
      R"("failed-session-count":5,"failure-reason-code":"tls-not-offered"},)"
      R"({"result-type":"certificate-expired","sending-mta-ip":"192.0.2.1",)"
      R"("receiving-mx-hostname":"mx2.x.example","receiving-ip":"198.51.100.7","failed-session-count":3,)"
      R"("failure-reason-code":"tls-unverified"}]}]})");
}

TEST(TlsReport, FileIsNamedAfterSenderDomainAndDay) {
  EXPECT_EQ(file_name(kReporter, "x.example"),
            "acme.example!x.example!1795132800!1795219199.json.gz");
}

}  // namespace
}  // namespace hongyan::tlsrpt
