#include "mailbox/letter/letter.h"

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
