#include "mailbox/letter/letter.h"

#include "engine/identity/tracking_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::mailbox {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string document(const std::string& more = {}, const std::string& to = R"("bob@b.example")") {
  return R"({"v":1,"kind":"personal","id":"l1","tenant":"t","mailbox":"anna@163.com","to":)" + to +
         R"(,"subject":"Your inquiry","text":"Hello {{ name }}")" + more + "}";
}

std::vector<std::string> places(const std::string& json) {
  const auto letter = parse_letter(json);
  std::vector<std::string> where;
  if (!letter)
    for (const Fault& fault : letter.error()) where.push_back(fault.where);
  return where;
}

TEST(Letter, IsToldFromACampaign) {
  EXPECT_TRUE(is_letter(document()));
  EXPECT_FALSE(is_letter(R"({"v":1,"id":"x","subject":"\"personal\""})"));
  EXPECT_FALSE(is_letter(R"({"v":1,"tags":["personal"]})"));
  EXPECT_FALSE(is_letter("\"personal\" {"));
}

TEST(Letter, BecomesAMessage) {
  const auto letter = parse_letter(document(
      R"(,"in_reply_to":"<q1@b.example>","from_name":"Anna Li","vars":{"name":"Bob","n":7})"));
  ASSERT_TRUE(letter) << letter.error()[0].sentence();
  const auto compiled = message::compile(message_spec(*letter));
  ASSERT_TRUE(compiled) << compiled.error()[0].sentence();
  std::vector<std::pair<std::string_view, std::string_view>> variables(letter->variables.begin(),
                                                                       letter->variables.end());
  const std::string to = letter->to.normalised();
  const std::string id = message_id(*letter);
  message::Rendered rendered;
  ASSERT_TRUE((*compiled)->render({to, variables, id, WallTime{}}, rendered));
  std::string text;
  for (const auto piece : rendered.pieces()) text += piece;
  EXPECT_THAT(text, HasSubstr("From: Anna Li <anna@163.com>\r\n"));
  EXPECT_THAT(text, HasSubstr("To: bob@b.example\r\n"));
  EXPECT_THAT(text, HasSubstr("In-Reply-To: <q1@b.example>\r\n"));
  EXPECT_THAT(text, HasSubstr("References: <q1@b.example>\r\n"));
  EXPECT_THAT(text, HasSubstr("Message-ID: <" + id + "@163.com>\r\n"));
  EXPECT_THAT(text, HasSubstr("Hello Bob"));
  EXPECT_THAT(text, Not(HasSubstr("List-Unsubscribe")));
}

std::string rendered_text(const Letter& letter, const TrackingPages& pages) {
  const auto compiled = message::compile(message_spec(letter));
  if (!compiled) return compiled.error()[0].sentence();
  const auto values = letter_variables(letter, **compiled, pages);
  const std::vector<std::pair<std::string_view, std::string_view>> variables(values.begin(),
                                                                             values.end());
  const std::string to = letter.to.normalised();
  message::Rendered rendered;
  if (const auto done = (*compiled)->render({to, variables, "id", WallTime{}}, rendered); !done)
    return done.error().detail;
  std::string text;
  for (const auto piece : rendered.pieces()) text += piece;
  for (std::size_t at; (at = text.find("=\r\n")) != std::string::npos;) text.erase(at, 3);
  return text;
}

// What stands between `before` and the next quote.
std::string between(const std::string& text, const std::string& before) {
  const std::size_t at = text.find(before) + before.size();
  return text.substr(at, text.find('"', at) - at);
}

TEST(Letter, IsTrackedWhenItAsksForIt) {
  const std::string html = R"(,"html":"<p><a href=\"https://acme.example/tea\">tea</a></p>")";
  const TrackingPages pages{"https://t.acme.example/t", "secret"};
  auto letter = parse_letter(document(html + R"(,"tracking":{"opens":true,"clicks":true})"));
  ASSERT_TRUE(letter) << letter.error()[0].sentence();
  letter->mailbox.local = "Anna";
  letter->variables.emplace_back("name", "Bob");
  const std::string text = rendered_text(*letter, pages);
  const auto click = identity::open_letter_tracking(
      "secret", between(text, "<a href=3D\"https://t.acme.example/t/"));
  EXPECT_EQ(click, (identity::LetterTracking{"anna@163.com", "l1", 0, "https://acme.example/tea"}))
      << text;
  const auto open = identity::open_letter_tracking(
      "secret", between(text, "<img src=3D\"https://t.acme.example/t/"));
  EXPECT_EQ(open, (identity::LetterTracking{"anna@163.com", "l1", 0, ""})) << text;
  EXPECT_THAT(text, Not(HasSubstr("List-Unsubscribe")));

  letter = parse_letter(document(html));
  letter->variables.emplace_back("name", "Bob");
  EXPECT_THAT(rendered_text(*letter, pages), Not(HasSubstr("t.acme.example")));
}

TEST(Letter, PlainTextCannotBeTracked) {
  EXPECT_THAT(places(document(R"(,"tracking":{"opens":true})")), ElementsAre("tracking"));
  EXPECT_THAT(places(document(R"(,"tracking":{"opens":false})")), ElementsAre());
}

TEST(Letter, TwoRecipientsAreRefusedWithTheWayToGo) {
  for (const std::string& more :
       {std::string(R"(,"cc":"c@c.example")"), std::string(R"(,"bcc":["c@c.example"])"),
        std::string(R"(,"recipients":{"list":[{"to":"c@c.example"}]})")}) {
    const auto letter = parse_letter(document(more));
    ASSERT_FALSE(letter) << more;
    EXPECT_EQ(letter.error().size(), 1U);
    EXPECT_THAT(letter.error()[0].what, HasSubstr("quality channel"));
  }
  for (const char* to : {R"(["a@a.example","b@b.example"])", R"("a@a.example, b@b.example")",
                         R"("a@a.example;b@b.example")"}) {
    const auto letter = parse_letter(document("", to));
    ASSERT_FALSE(letter) << to;
    EXPECT_THAT(letter.error()[0].what, HasSubstr("one person at a time"));
  }
}

TEST(Letter, EveryFaultIsTold) {
  EXPECT_THAT(places(document(R"(,"from_name":"a\nb","reply_to":"x","send_at":"soon",)"
                              R"("headers":{"References":"<a@b>","X-A":"1"},)"
                              R"("attachments":[{"name":"a","data":"%"},{"name":"a","key":"k"}])")),
              ::testing::UnorderedElementsAre("from_name", "reply_to", "send_at",
                                              "headers.References", "attachments[0].data",
                                              "attachments[1].name", "attachments[1].key"));
  EXPECT_THAT(places(document(R"(,"in_reply_to":"q1@b.example")")), ElementsAre("in_reply_to"));
  EXPECT_THAT(places(document(R"(,"channel":"quality")")), ElementsAre("channel"));
}

TEST(Letter, SpellingDoesNotChangeTheDigest) {
  const auto a = parse_letter(document(R"(,"vars":{"a":1,"b":"x"})"));
  const auto b = parse_letter(document(R"(, "vars": {"b":"\u0078","a":1.0})"));
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->digest, b->digest);
  EXPECT_EQ(message_id(*a), message_id(*b));
}

}  // namespace
}  // namespace hongyan::mailbox
