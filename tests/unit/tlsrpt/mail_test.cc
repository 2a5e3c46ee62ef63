#include "engine/tlsrpt/mail.h"

#include "engine/job/job.h"

#include <gmock/gmock.h>

namespace hongyan::tlsrpt {
namespace {

using testing::Contains;
using testing::Pair;

const Reporter kReporter{"Acme {{ name }}", "tls@acme.example", "2026-11-20"};

TEST(TlsReportMail, OneReportIsOneJob) {
  EXPECT_EQ(job_id(kReporter, "x.example"), "tlsrpt-2026-11-20-x.example");
  const std::string one = job_id(kReporter, std::string(60, 'a') + ".example");
  EXPECT_LE(one.size(), 64U);
  EXPECT_EQ(one, job_id(kReporter, std::string(60, 'a') + ".example"));
  EXPECT_NE(one, job_id(kReporter, std::string(61, 'a') + ".example"));
}

TEST(TlsReportMail, IsAJobThatIntakeTakes) {
  const DayReport day = read_day({{"x.example|sts|ok", 90}});
  const std::string document =
      to_json(to_job(kReporter, {"ops", "quality"}, day.domains.front(),
                     std::vector<std::string>{"a@x.example", "b@y.example"}));
  job::IntakePolicy policy;
  policy.tenants["ops"] = {"acme.example"};
  policy.channels = {"quality"};
  const auto job = job::parse_job(document, policy);
  ASSERT_TRUE(job) << job.error().front().sentence();
  EXPECT_EQ(job->subject,
            "Report Domain: x.example Submitter: acme.example Report-ID: "
            "<2026-11-20.x.example@acme.example>");
  EXPECT_EQ(job->report_type, "tlsrpt");
  EXPECT_EQ(job->from.normalised(), "tls@acme.example");
  EXPECT_THAT(job->headers, Contains(Pair("TLS-Report-Domain", "x.example")));
  EXPECT_THAT(job->headers, Contains(Pair("TLS-Report-Submitter", "acme.example")));
  EXPECT_EQ(job->recipients.count, 2U);
  ASSERT_EQ(job->attachments.size(), 1U);
  EXPECT_EQ(job->attachments[0].content_type, "application/tlsrpt+gzip");
  EXPECT_EQ(job->attachments[0].name, "acme.example!x.example!1795132800!1795219199.json.gz");
  EXPECT_EQ(job->attachments[0].data, pack(kReporter, day.domains.front()));
}

}  // namespace
}  // namespace hongyan::tlsrpt
