#include "mailbox/oauth/token_answer.h"

#include <gtest/gtest.h>

#include <array>

namespace hongyan::oauth {
namespace {

using namespace std::chrono_literals;

std::string answer(std::string_view more) {
  return R"({"token_type":"Bearer","access_token":"ya29.a0")" + std::string(more) + "}";
}

TEST(TokenAnswer, TokensAndLifetimeAreRead) {
  struct Row {
    std::string more;
    std::chrono::seconds lifetime;
  };
  for (const Row& row : std::vector<Row>{{R"(,"expires_in":3599)", 3599s},
                                         {R"(,"expires_in":"3599")", 3599s},
                                         {R"(,"expires_in":0)", 0s},
                                         {"", 10min},
                                         {R"(,"expires_in":-5)", 10min},
                                         {R"(,"expires_in":"soon")", 10min},
                                         {R"(,"expires_in":[1])", 10min},
                                         {R"(,"expires_in":1e400)", 24h},
                                         {R"(,"expires_in":99999999999999999999)", 24h}}) {
    const auto tokens = read_token_answer(200, answer(row.more), {});
    ASSERT_TRUE(tokens) << row.more;
    EXPECT_EQ(tokens->access.reveal(), "ya29.a0");
    EXPECT_TRUE(tokens->refresh.empty());
    EXPECT_EQ(tokens->lifetime, row.lifetime) << row.more;
  }
  EXPECT_EQ(read_token_answer(200, answer(R"(,"refresh_token":"1//new")"), {})->refresh.reveal(),
            "1//new");
}

TEST(TokenAnswer, ARefusalIsShownWithoutWhatWasSent) {
  const std::array<std::string_view, 2> sent = {"1//secret-refresh", "client-secret"};
  const auto refused = read_token_answer(
      400,
      R"({"error":"invalid_grant","error_description":"Token 1//secret-refresh of client-secret\u001b[31m"})",
      sent);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "400");
  EXPECT_EQ(refused.error().text, "invalid_grant: Token [...] of [...]\\x1B[31m");
}

TEST(TokenAnswer, AStatusSpeaksForItselfWhereTheWordsAreNone) {
  for (const char* body : {"", "<html>Bad Gateway</html>", "[]", "{\"error\":5}"}) {
    const auto refused = read_token_answer(502, body, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "502");
    EXPECT_EQ(refused.error().text, "");
  }
}

TEST(TokenAnswer, HostileAnswersAreNone) {
  for (const std::string& body :
       {std::string(), std::string("{"), std::string("[]"), std::string("{}"), std::string("\0", 1),
        std::string(R"({"access_token":"a"})"),
        std::string(R"({"token_type":"mac","access_token":"a"})"),
        std::string(R"({"token_type":"bearer","access_token":""})"),
        std::string(R"({"token_type":"bearer","access_token":7})"),
        std::string(R"({"token_type":"bearer","access_token":"a b"})"),
        std::string(R"({"token_type":"bearer","access_token":"a\u0001auth=Bearer x"})"),
        std::string(R"({"token_type":"bearer","access_token":"a\r\nMAIL FROM:<>"})"),
        answer(R"(,"refresh_token":"a b")"), answer(R"(,"x":)" + std::string(200, '[')),
        R"({"token_type":"bearer","access_token":")" + std::string(kMostTokenBytes + 1, 'a') +
            "\"}",
        answer("") + std::string(kMostAnswerBytes, ' ')}) {
    const auto refused = read_token_answer(200, body, {});
    ASSERT_FALSE(refused) << body.substr(0, 80);
    EXPECT_EQ(refused.error().code, "oauth-answer");
  }
}

}  // namespace
}  // namespace hongyan::oauth
