#include "engine/job/job.h"

#include "base/time_text.h"
#include "engine/list/block.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::job {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

IntakePolicy policy() {
  IntakePolicy policy;
  policy.tenants = {{"acme", {"acme.example", "xn--fsqu00a.cn"}}, {"globex", {}}};
  policy.channels = {"quality", "bulk"};
  policy.template_fault = [](std::string_view source) -> std::optional<std::string> {
    if (source.contains("{{ broken")) return "a {{ is not closed";
    return std::nullopt;
  };
  return policy;
}

// A good document; `with` are members that replace or add.
std::string document(std::initializer_list<std::pair<std::string, std::string_view>> with = {}) {
  Json json = *parse_json(R"({"v":1,"id":"spring-1","tenant":"acme","channel":"quality",
      "from":{"address":"news@acme.example","name":"Acme"},"subject":"Hi {{ name }}",
      "text":"Hello","recipients":{"list":[{"to":"li@example.cn","vars":{"name":"李","n":1.50}}]}})");
  for (const auto& [key, value] : with) json.set(key, *parse_json(value));
  return to_json(json);
}

std::string faults_of(std::string_view json) {
  const auto job = parse_job(json, policy());
  std::string out;
  if (!job)
    for (const Fault& fault : job.error()) out += (out.empty() ? "" : "; ") + fault.sentence();
  return out;
}

TEST(Job, EveryFieldIsRead) {
  const auto job = parse_job(
      document(
          {{"reply_to", R"("help@acme.example")"},
           {"html", R"("<p>Hello</p>")"},
           {"headers", R"({"X-Campaign":"spring"})"},
           {"send_at", R"("2026-02-01T09:00:00+08:00")"},
           {"window", R"({"tz":"Asia/Shanghai","days":["mon","sun"],"from":"09:00","to":"24:00"})"},
           {"priority", "9"},
           {"expires_after", R"("72h")"},
           {"max_spend", R"("12.5")"},
           {"in_doubt", R"("hold")"},
           {"unknown_variables", R"("empty")"},
           {"report_type", R"("tlsrpt")"},
           {"tracking", R"({"clicks":true})"},
           {"variants", R"([{"name":"a","subject":"s"},{"name":"b","html":"<p>"}])"},
           {"list_unsubscribe",
            R"({"url":"https://acme.example/u?{{ token }}","mailto":"u@acme.example"})"},
           {"attachments",
            R"([{"name":"a.txt","data":"aGk="},{"name":"b","key":"hongyan:{spring-1}:blob:b"}])"},
           {"events", "true"}}),
      policy());
  ASSERT_TRUE(job) << job.error()[0].sentence();
  EXPECT_EQ(job->id, "spring-1");
  EXPECT_EQ(job->from.normalised(), "news@acme.example");
  EXPECT_EQ(job->from_name, "Acme");
  EXPECT_EQ(job->reply_to->local, "help");
  EXPECT_EQ(job->html, "<p>Hello</p>");
  EXPECT_EQ(job->headers[0].second, "spring");
  EXPECT_EQ(format_rfc3339(*job->send_at), "2026-02-01T01:00:00.000Z");
  EXPECT_EQ(*job->window,
            (Window{"Asia/Shanghai", 0b1000001, std::chrono::hours(9), std::chrono::hours(24)}));
  EXPECT_EQ(job->priority, 9);
  EXPECT_EQ(job->expires_after, std::chrono::hours(72));
  EXPECT_EQ(job->max_spend, MicroYuan{12'500'000});
  EXPECT_EQ(job->in_doubt, InDoubt::kHold);
  EXPECT_TRUE(job->unknown_is_empty);
  EXPECT_EQ(job->report_type, "tlsrpt");
  EXPECT_TRUE(job->track_clicks && !job->track_opens);
  ASSERT_EQ(job->variants.size(), 2u);
  EXPECT_EQ(job->variants[0].subject, "s");
  EXPECT_FALSE(job->variants[0].has_body());
  EXPECT_EQ(job->variants[1].html, "<p>");
  EXPECT_TRUE(job->list_unsubscribe->one_click);
  EXPECT_EQ(job->attachments[0].data, "hi");
  EXPECT_EQ(job->attachments[0].content_type, "application/octet-stream");
  EXPECT_EQ(job->attachments[1].key, "hongyan:{spring-1}:blob:b");
  EXPECT_TRUE(job->events);
}

TEST(Job, WhatIsLeftOutHasItsDefault) {
  Json json = *parse_json(document());
  Json without = Json::object();
  for (const auto& [key, value] : json.members())
    if (key != "channel") without.set(key, value);
  const auto job = parse_job(to_json(without), policy());
  ASSERT_TRUE(job) << job.error()[0].sentence();
  EXPECT_EQ(job->channel, "quality");
  EXPECT_EQ(job->priority, 5);
  EXPECT_EQ(job->in_doubt, InDoubt::kResend);
  EXPECT_FALSE(job->unknown_is_empty);
  EXPECT_FALSE(job->events);
  EXPECT_FALSE(job->window || job->send_at || job->expires_after || job->max_spend);
}

TEST(Job, InlineListIsWhatAProducerWouldHavePushed) {
  const auto job = parse_job(
      document(
          {{"recipients", R"({"list":[{"to":"li@example.cn","vars":{"n":1.50}},{"to":"bad"}]})"}}),
      policy());
  ASSERT_TRUE(job);
  ASSERT_EQ(job->recipients.items.size(), 2u);
  EXPECT_EQ(job->recipients.count, 2u);
  list::BlockReader block(job->recipients.items[0]);
  EXPECT_EQ(block.block(), 1u);
  list::Row row;
  ASSERT_TRUE(block.next(row));
  EXPECT_EQ(row.vars[0].second,
            "\x01"
            "1.50");
  ASSERT_TRUE(block.next(row));
  EXPECT_TRUE(row.refused());
  EXPECT_EQ(list::BlockReader(job->recipients.items[1]).end_count(), 2u);
}

TEST(Job, KeyOfItsOwnListIsTheOnlyOneAllowed) {
  const auto job =
      parse_job(document({{"recipients", R"({"key":"hongyan:{spring-1}:recipients"})"}}), policy());
  ASSERT_TRUE(job);
  EXPECT_FALSE(job->recipients.inlined());
  EXPECT_THAT(faults_of(document({{"recipients", R"({"key":"hongyan:{other}:recipients"})"}})),
              HasSubstr("must be exactly hongyan:{spring-1}:recipients"));
}

TEST(Job, BadDocumentIsRefusedWithWhereAndWhy) {
  struct Case {
    std::string key;
    std::string_view value, fault;
  };
  for (
      const Case& c : std::initializer_list<Case>{
          {"id", R"("a b")", "id: does not match"},
          {"id", "1", "id: is a number; a string is needed"},
          {"tenant", R"("acmee")", "tenant: there is no tenant `acmee` (did you mean `acme`?)"},
          {"channel", R"("qualty")",
           "channel: there is no channel `qualty` (did you mean `quality`?)"},
          {"from", R"({"address":"x@evil.example"})",
           "from.address: tenant `acme` may not send from `evil.example` (it may use acme.example"},
          {"from", R"({"address":"x"})", "from.address: has no @"},
          {"from", R"({"address":"x@acme.example","name":"A\r\nBcc: x"})",
           "from.name: has a line break"},
          {"subject", R"("a\nb")", "subject: has a line break"},
          {"subject", R"("{{ broken")", "subject: a {{ is not closed"},
          {"html", R"("{{ broken")", "html: a {{ is not closed"},
          {"headers", R"({"bcc":"x"})", "headers.bcc: Hongyan sets this header itself"},
          {"headers", R"({"Content-Type":"x"})", "headers.Content-Type: Hongyan sets"},
          {"headers", R"({"X: y":"x"})", "headers.X: y: does not match"},
          {"headers", R"({"X-A":"x\r\nTo: y"})", "headers.X-A: has a line break"},
          {"headers", R"({"X-A":"x","x-a":"y"})", "headers.x-a: is there twice"},
          {"reply_to", R"("x@[1.2.3.4]")", "reply_to: address literals"},
          {"send_at", R"("tomorrow")", "send_at: 'tomorrow' is no RFC 3339 time"},
          {"send_at", R"("2026-02-30T00:00:00Z")", "send_at: "},
          {"window", R"({"tz":"Asia/Shanghay","from":"09:00","to":"18:00"})",
           "window.tz: there is no time zone"},
          {"window", R"({"tz":"UTC","days":["monday"],"from":"09:00","to":"18:00"})",
           "window.days[0]: must be mon"},
          {"window", R"({"tz":"UTC","from":"9","to":"18:00"})", "window.from: does not match"},
          {"priority", "10", "priority: must be at most 9"},
          {"expires_after", R"("3 days")", "expires_after: does not match"},
          {"max_spend", "5", "max_spend: is a number; a string is needed"},
          {"max_spend", R"("-5")", "max_spend: does not match"},
          {"in_doubt", R"("drop")", "in_doubt: must be resend or hold"},
          {"variants", R"([{"name":"a"},{"name":"a"}])",
           "variants[1].name: is the name of another"},
          {"variants", R"([{"name":"a"}])", "variants: must have at least 2 items"},
          {"recipients", "{}", "recipients: must have at least 1 members"},
          {"recipients", R"({"list":[]})", "recipients.list: must have at least 1 items"},
          {"recipients", R"({"list":[{"to":"a@x.cn","vars":[1]}]})",
           "recipients.list[0].vars: is an array"},
          {"list_unsubscribe", R"({"url":"http://x"})", "list_unsubscribe.url: does not match"},
          {"list_unsubscribe", R"({"mailto":"a@x.cn","one_click":true})", "one_click: needs a url"},
          {"attachments", R"([{"name":"a"}])",
           "attachments[0]: attachments[0].data is missing and"},
          {"attachments", R"([{"name":"a","data":"?"}])", "attachments[0].data: is no base64"},
          {"attachments", R"([{"name":"a","key":"other"}])",
           "must be exactly hongyan:{spring-1}:blob:a"},
          {"tennant", "1", "tennant: is no known key (did you mean `tenant`?)"},
          {"x", "1e999", "document: has a number too large"}})
    EXPECT_THAT(faults_of(document({{c.key, c.value}})), HasSubstr(c.fault)) << c.value;
}

TEST(Job, AllFaultsComeAtOnceAndEachOnce) {
  EXPECT_EQ(faults_of(R"({"v":1,"id":"","tenant":"acmee","subject":1,"from":{"address":"x"},
                          "recipients":{"key":"k"},"prio":1})"),
            "id: does not match ^[A-Za-z0-9._-]{1,64}$; subject: is a number; a string is needed; "
            "prio: is no known key; document: text is missing and html is missing (one of them is "
            "needed); tenant: there is no tenant `acmee` (did you mean `acme`?); from.address: has "
            "no @");
}

TEST(Job, DocumentThatIsNoneIsOneFault) {
  EXPECT_THAT(faults_of(""), HasSubstr("no JSON"));
  EXPECT_THAT(faults_of("[]"), HasSubstr("document: is an array; an object is needed"));
  EXPECT_THAT(faults_of("{\"v\":1,\n \"id\":\"\xFF\"}"),
              HasSubstr("line 2, column 8: is not valid UTF-8"));
  EXPECT_THAT(faults_of("{\"v\":1,\"v\":1}"), HasSubstr("a key is repeated"));
  EXPECT_THAT(faults_of(std::string(100'000, '[')), HasSubstr("nested too deeply"));
  EXPECT_THAT(faults_of(std::string(kMaxDocument + 1, ' ')), HasSubstr("4 MiB is the limit"));
}

TEST(Job, DigestIgnoresSpellingButNotContent) {
  const auto digest = [](std::string_view json) { return parse_job(json, policy())->digest; };
  const std::string one = document();
  EXPECT_EQ(digest(one), digest(" " + one + "\n"));
  EXPECT_NE(digest(one), digest(document({{"priority", "5"}})));
  EXPECT_EQ(digest(document({{"priority", "5"}})), digest(document({{"priority", "5.0"}})));
}

}  // namespace
}  // namespace hongyan::job
