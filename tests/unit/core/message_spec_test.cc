#include "engine/core/job_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::engine {
namespace {

using ::testing::Contains;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

job::Job spring() {
  job::Job job;
  job.id = "spring-2026";
  job.tenant = "acme";
  job.channel = "quality";
  job.from = {"news", "acme.example"};
  return job;
}

config::Channel channel() {
  config::Channel made;
  made.envelope_sender = "bounce@send.example.cn";
  return made;
}

TEST(MessageSpec, BulkMailSaysWhoseListItIsAndWhereComplaintsBelong) {
  EXPECT_THAT(message_spec(spring(), channel()).headers,
              UnorderedElementsAre(Pair("Feedback-ID", "spring-2026:acme:quality:hongyan"),
                                   Pair("List-Id", "<acme.acme.example>")));
}

TEST(MessageSpec, AReportIsNoBulkMail) {
  job::Job job = spring();
  job.report_type = "tlsrpt";
  config::Channel sending = channel();
  sending.unsubscribe_url = "https://u.example.cn/u";
  const message::Spec spec = message_spec(job, sending);
  EXPECT_EQ(spec.report_type, "tlsrpt");
  EXPECT_THAT(spec.headers, testing::IsEmpty());
  EXPECT_EQ(spec.list_unsubscribe, "");
  EXPECT_FALSE(spec.one_click);
}

TEST(MessageSpec, HeadersOfTheJobStandInForOurs) {
  job::Job job = spring();
  job.headers = {{"list-id", "Offers <offers.acme.example>"}, {"FEEDBACK-ID", "a:b:c:acme1"}};
  EXPECT_THAT(message_spec(job, channel()).headers, job.headers);
  job.headers.pop_back();
  const auto headers = message_spec(job, channel()).headers;
  EXPECT_THAT(headers, Contains(Pair("Feedback-ID", "spring-2026:acme:quality:hongyan")));
  EXPECT_THAT(headers, Not(Contains(Pair("List-Id", "<acme.acme.example>"))));
}

}  // namespace
}  // namespace hongyan::engine
