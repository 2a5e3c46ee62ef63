#include "mailbox/office/notice_form.h"

#include "engine/job/job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::mailbox {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const config::MailboxNotices kSettings{
    .from = "hongyan@acme.example", .tenant = "acme", .channel = "system"};
constexpr const char* kBox = "lily@163.com";

std::string message(const std::string& from, const std::string& subject) {
  return R"({"type":"mailbox.message","at":"1795248000000","data":{"from":")" + from +
         R"(","from_name":"Bob","subject":")" + subject + R"("}})";
}

store::NoteStore::Batch batch(std::vector<std::string> notes, std::int64_t more = 0) {
  const auto count = static_cast<std::int64_t>(notes.size()) + more;
  return {1795248000123, count, "boss@acme.example", std::move(notes)};
}

// Subject and text as the one recipient gets them.
std::pair<std::string, std::string> read(const Json& document) {
  const Json& vars = *document.find("recipients")->find("list")->items()[0].find("vars");
  return {vars.find("subject")->text(), vars.find("text")->text()};
}

TEST(Notice, IsAJobThatIntakeTakes) {
  const auto made = notice_job(kSettings, kBox, batch({message("bob@b.example", "{{ nobody }}")}));
  ASSERT_TRUE(made);
  job::IntakePolicy policy;
  policy.tenants = {{"acme", {"acme.example"}}};
  policy.channels = {"system"};
  const auto job = job::parse_job(to_json(*made), policy);
  ASSERT_TRUE(job) << job.error()[0].sentence();
  EXPECT_EQ(job->from.normalised(), "hongyan@acme.example");
  EXPECT_THAT(job->headers,
              ::testing::Contains(::testing::Pair("Auto-Submitted", "auto-generated")));
  EXPECT_EQ(made->find("recipients")->find("list")->items().size(), 1U);
  // What others wrote is a value, never a template.
  EXPECT_EQ(job->subject, "{{ subject }}");
  EXPECT_THAT(read(*made).second, HasSubstr("Bob <bob@b.example>: {{ nobody }}"));
}

TEST(Notice, TheSameBatchIsTheSameJob) {
  const auto one = batch({message("bob@b.example", "Hi")});
  const auto made = notice_job(kSettings, kBox, one);
  EXPECT_EQ(to_json(*made), to_json(*notice_job(kSettings, kBox, one)));
  auto next = one;
  ++next.number;
  EXPECT_NE(made->find("id")->text(), notice_job(kSettings, kBox, next)->find("id")->text());
  EXPECT_NE(made->find("id")->text(), notice_job(kSettings, "x@163.com", one)->find("id")->text());
}

TEST(Notice, ABurstIsOneMailThatCounts) {
  std::vector<std::string> notes(50, message("bob@b.example", "Hi"));
  const auto [subject, text] = read(*notice_job(kSettings, kBox, batch(std::move(notes), 450)));
  EXPECT_EQ(subject, "lily@163.com: 500 new messages / 500 封新邮件");
  EXPECT_THAT(text, HasSubstr("... +450\n"));
}

TEST(Notice, TroubleStandsFirst) {
  const auto [subject, text] = read(*notice_job(
      kSettings, kBox,
      batch(
          {message("bob@b.example", "Hi\\r\\nBcc: x@y.example"),
           R"({"type":"mailbox.refused","at":"1795248000000","data":{"status":"needs-code","said":"535 no"}})",
           R"({"type":"mailbox.expiring","at":"1795248000000","data":{"expires":"2026-12-01"}})"})));
  EXPECT_EQ(subject, "lily@163.com: trouble / 故障, 1 new message / 1 封新邮件");
  EXPECT_LT(text.find("535 no"), text.find("Bob <bob@b.example>"));
  EXPECT_THAT(text, HasSubstr("2026-12-01"));
  EXPECT_THAT(text, HasSubstr("Hi\\r\\nBcc")) << "a line of its own is nobody else's to make";
}

TEST(Notice, OurOwnMailIsNoNews) {
  EXPECT_FALSE(notice_job(kSettings, kBox, batch({message("hongyan@acme.example", "x: 1 new")})));
  const auto made =
      notice_job(kSettings, kBox,
                 batch({message("hongyan@acme.example", "own"), message("bob@b.example", "Hi")}));
  const auto [subject, text] = read(*made);
  EXPECT_EQ(subject, "lily@163.com: 1 new message / 1 封新邮件");
  EXPECT_THAT(text, Not(HasSubstr("own")));
}

}  // namespace
}  // namespace hongyan::mailbox
