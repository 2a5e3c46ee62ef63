#include "mailbox/oauth/sign_in.h"

#include "base/base64.h"

#include <gtest/gtest.h>

namespace hongyan::oauth {
namespace {

TEST(SignIn, PkceIsThatOfRfc7636AppendixB) {
  const std::string bytes =
      *decode_base64("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", Base64Kind::kUrl);
  const Pkce made = make_pkce(bytes);
  EXPECT_EQ(made.verifier, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  EXPECT_EQ(made.challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

TEST(SignIn, FormsEscapeAllThatIsReservedAndLeaveOutWhatIsEmpty) {
  EXPECT_EQ(form({{"a", "x y&z=1"}, {"b", ""}, {"c", "1//0g-_.~+/"}}),
            "a=x%20y%26z%3D1&c=1%2F%2F0g-_.~%2B%2F");
}

TEST(SignIn, ARefreshNamesTheClientAndAPublicOneHasNoSecret) {
  EXPECT_EQ(refresh_request({"id", ""}, "1//r").reveal(),
            "grant_type=refresh_token&refresh_token=1%2F%2Fr&client_id=id");
  EXPECT_EQ(refresh_request({"id", "s"}, "r").reveal(),
            "grant_type=refresh_token&refresh_token=r&client_id=id&client_secret=s");
  EXPECT_EQ(code_request({"id", ""}, {"4/c", "v", "http://localhost/"}).reveal(),
            "grant_type=authorization_code&code=4%2Fc&code_verifier=v&redirect_uri="
            "http%3A%2F%2Flocalhost%2F&client_id=id");
}

TEST(SignIn, TheUrlKeepsTheEndpointsOwnQuery) {
  SignIn wanted{"https://a.example/auth",
                "id",
                "mail offline",
                "http://localhost/",
                "li@x.example",
                "ch",
                ""};
  EXPECT_EQ(sign_in_url(wanted),
            "https://a.example/auth?response_type=code&client_id=id&redirect_uri=http%3A%2F%2F"
            "localhost%2F&scope=mail%20offline&login_hint=li%40x.example&code_challenge=ch&"
            "code_challenge_method=S256");
  wanted.endpoint += "?prompt=consent";
  EXPECT_TRUE(
      sign_in_url(wanted).starts_with("https://a.example/auth?prompt=consent&response_type=code&"));
}

}  // namespace
}  // namespace hongyan::oauth
