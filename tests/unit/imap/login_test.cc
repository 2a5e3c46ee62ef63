#include "mailbox/imap/login.h"

#include "base/base64.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::imap {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> parts(const Login& login, const std::vector<std::string>& offered) {
  Capabilities server;
  server.set(offered);
  auto command = login_command(login, server, "imap.example.cn", 993);
  if (!command) return {std::string(command.error().cause)};
  return command->parts;
}

const Login kCode{Login::Kind::kPassword, "li@example.cn", "ABCDEFGHIJKLMNOP"};
const Login kToken{Login::Kind::kToken, "li,=@gmail.example", "ya29.token"};

TEST(Login, APasswordGoesByLoginUnlessOnlyPlainIsThere) {
  EXPECT_THAT(parts(kCode, {"AUTH=PLAIN", "SASL-IR"}),
              ElementsAre("LOGIN \"li@example.cn\" \"ABCDEFGHIJKLMNOP\"\r\n"));
  const std::string plain = encode_base64(std::string("\0li@example.cn\0ABCDEFGHIJKLMNOP", 31));
  EXPECT_THAT(parts(kCode, {"LOGINDISABLED", "AUTH=PLAIN", "SASL-IR"}),
              ElementsAre("AUTHENTICATE PLAIN " + plain + "\r\n"));
  EXPECT_THAT(parts(kCode, {"LOGINDISABLED", "AUTH=PLAIN"}),
              ElementsAre("AUTHENTICATE PLAIN\r\n", plain + "\r\n"));
  EXPECT_THAT(parts(kCode, {"LOGINDISABLED", "AUTH=XOAUTH2"}), ElementsAre("login-not-offered"));
}

TEST(Login, APasswordThatIsNotAsciiGoesByPlainWhereOffered) {
  const Login login{Login::Kind::kPassword, "li", "密码"};
  EXPECT_THAT(parts(login, {"AUTH=PLAIN"}),
              ElementsAre("AUTHENTICATE PLAIN\r\n",
                          encode_base64(std::string("\0li\0", 4) + "密码") + "\r\n"));
  EXPECT_THAT(parts(login, {}), ElementsAre("LOGIN \"li\" {6}\r\n", "密码\r\n"));
}

TEST(Login, ATokenGoesByOauthbearerBeforeXoauth2) {
  EXPECT_THAT(
      parts(kToken, {"AUTH=XOAUTH2", "AUTH=OAUTHBEARER", "SASL-IR"}),
      ElementsAre("AUTHENTICATE OAUTHBEARER " +
                  encode_base64("n,a=li=2C=3D@gmail.example,\1host=imap.example.cn\1port=993\1"
                                "auth=Bearer ya29.token\1\1") +
                  "\r\n"));
  EXPECT_THAT(
      parts(kToken, {"AUTH=XOAUTH2"}),
      ElementsAre("AUTHENTICATE XOAUTH2\r\n",
                  encode_base64("user=li,=@gmail.example\1auth=Bearer ya29.token\1\1") + "\r\n"));
  EXPECT_THAT(parts(kToken, {"AUTH=PLAIN"}), ElementsAre("login-not-offered"));
}

TEST(Login, NothingIsSmuggledIntoAMessage) {
  for (const std::string& user : {std::string("a\0b", 3), std::string("a\1auth=Bearer x")})
    for (const auto kind : {Login::Kind::kPassword, Login::Kind::kToken})
      EXPECT_THAT(parts({kind, user, "secret"}, {"AUTH=PLAIN", "AUTH=XOAUTH2"}),
                  ElementsAre("login-not-offered"));
  EXPECT_THAT(parts({Login::Kind::kPassword, "a", ""}, {}), ElementsAre("login-not-offered"));
}

}  // namespace
}  // namespace hongyan::imap
