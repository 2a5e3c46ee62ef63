#include "mailbox/office/bind_order.h"

#include <gtest/gtest.h>

namespace hongyan::mailbox {
namespace {

Address lily() {
  return *parse_address("Lily@Corp.example");
}

Recognised recognised(bool outside) {
  Recognised found;
  found.candidates.push_back(
      {{{}, *parse_server("smtp.elsewhere.example:465 implicit")}, Origin::kSrv, outside});
  return found;
}

TEST(BindOrder, TellsOfTheAccount) {
  const auto account = read_account_order(
      {{"tenant", "acme"}, {"expires", "2027-05-20"}, {"auth", "xoauth2"}, {"oauth2_at", "google"}},
      lily());
  ASSERT_TRUE(account);
  EXPECT_EQ(account->address, "lily@corp.example");
  EXPECT_EQ(account->smtp_user, "Lily@corp.example");
  EXPECT_EQ(account->tenant, "acme");
  EXPECT_EQ(account->auth, Auth::kXoauth2);
  EXPECT_EQ(account->oauth2_at, "google");
  EXPECT_EQ(account->expires_at, WallTime(std::chrono::sys_days{std::chrono::year{2027} / 5 / 20}));
  EXPECT_FALSE(read_account_order({{"expires", "soon"}}, lily()));
}

TEST(BindOrder, ServersThatAreGivenAreTaken) {
  const auto given = choose_candidates(
      {{"imap", "imap.a.example:993 implicit"}, {"smtp", "smtp.a.example:587 starttls"}},
      recognised(false), "corp.example");
  ASSERT_TRUE(given);
  ASSERT_EQ(given->size(), 1U);
  EXPECT_EQ(given->front().servers.smtp.text(), "smtp.a.example:587 starttls");
  for (const Fields& order :
       {Fields{{"imap", "imap.a.example:993 implicit"}}, Fields{{"smtp", "smtp.a.example"}},
        Fields{{"imap", "x"}, {"smtp", "smtp.a.example:587 starttls"}}})
    EXPECT_FALSE(choose_candidates(order, recognised(false), "corp.example"));
}

TEST(BindOrder, AServerThatOnlyTheDnsNamesIsNeverTried) {
  EXPECT_TRUE(choose_candidates({}, recognised(false), "corp.example"));
  const auto outside = choose_candidates({}, recognised(true), "corp.example");
  ASSERT_FALSE(outside);
  EXPECT_NE(outside.error().detail.find("smtp.elsewhere.example"), std::string::npos);
  EXPECT_FALSE(choose_candidates({}, {}, "corp.example"));
}

TEST(BindOrder, TheCodeOfASignInHasItsParts) {
  EXPECT_TRUE(grants_code({{"grant", "code"}}));
  EXPECT_FALSE(grants_code({}));
  const auto code = read_code(
      Secret::copy_of(R"({"code":"4/0A","verifier":"v","redirect":"http://localhost/"})"));
  ASSERT_TRUE(code);
  EXPECT_EQ(code->code, "4/0A");
  EXPECT_EQ(code->redirect, "http://localhost/");
  EXPECT_FALSE(read_code(Secret::copy_of("4/0A")));
  EXPECT_FALSE(read_code(Secret::copy_of(R"({"verifier":"v"})")));
}

}  // namespace
}  // namespace hongyan::mailbox
