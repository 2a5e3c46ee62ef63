#include "mailbox/office/trouble.h"

#include <gtest/gtest.h>

namespace hongyan::mailbox {
namespace {

using namespace std::chrono_literals;
using login::Backup;
using login::Conclusion;
using login::Reaction;

const WallTime kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};

Provider provider_of_two() {
  Provider provider;
  for (const char* host : {"one", "two"})
    provider.servers.push_back(
        {parse_server(std::string("imap.") + host + ".example:993 implicit"),
         *parse_server(std::string("smtp.") + host + ".example:465 implicit")});
  return provider;
}

Account account_with(int strikes) {
  Account account;
  account.smtp_strikes = account.imap_strikes = account.oauth_strikes = strikes;
  account.servers = provider_of_two().servers[0];
  return account;
}

Conclusion reacting(Reaction reaction) {
  Conclusion says;
  says.reaction = reaction;
  return says;
}

Trouble judged(const Account& account, const Conclusion& says,
               login::Protocol protocol = login::Protocol::kSmtp) {
  LoginFailure failure;
  failure.protocol = protocol;
  const Provider provider = provider_of_two();
  return judge_trouble(account, failure, says, &provider, kNow, 0.5);
}

TEST(Trouble, ASecretHasItsStrikes) {
  Conclusion wrong = reacting(Reaction::kNewSecret);
  wrong.cause.en = "Wrong.";
  wrong.todo.en = "Make a new one.";
  wrong.strikes = 2;
  const Trouble first = judged(account_with(0), wrong);
  EXPECT_FALSE(first.status);
  EXPECT_EQ(first.changes.at("smtp_strikes"), "1");
  const Trouble second = judged(account_with(1), wrong);
  EXPECT_EQ(second.status, Status::kNeedsCode);
  EXPECT_EQ(second.changes.at("status"), "needs-code");
  EXPECT_EQ(second.changes.at("reason"), "Wrong. Make a new one.");
}

TEST(Trouble, WhereSomebodyMustActItStopsAtOnce) {
  EXPECT_EQ(judged(account_with(0), reacting(Reaction::kStop)).status, Status::kNeedsAttention);
}

TEST(Trouble, WaitsGrowWithTheStrikesAndAreScaled) {
  Conclusion busy = reacting(Reaction::kWait);
  busy.waits = {1min, 5min};
  const auto until = [&](int strikes) {
    return judged(account_with(strikes), busy).changes.at("not_before");
  };
  EXPECT_EQ(until(0), std::to_string(to_unix_ms(kNow + 30s)));
  EXPECT_EQ(until(1), std::to_string(to_unix_ms(kNow + 150s)));
  EXPECT_EQ(until(9), until(1));
}

TEST(Trouble, AnotherPairIsTakenWhenThatCanHelp) {
  Conclusion gone = reacting(Reaction::kRetry);
  gone.backup = Backup::kAfterTwo;
  EXPECT_FALSE(judged(account_with(0), gone).changes.contains("smtp"));
  const Trouble second = judged(account_with(1), gone);
  EXPECT_EQ(second.changes.at("smtp"), "smtp.two.example:465 implicit");
  EXPECT_EQ(second.changes.at("imap"), "imap.two.example:993 implicit");
  EXPECT_EQ(second.changes.at("smtp_strikes"), "") << "the other pair begins anew";
  Account last = account_with(1);
  last.servers = provider_of_two().servers[1];
  EXPECT_EQ(judged(last, gone).changes.at("smtp"), "smtp.one.example:465 implicit");
  EXPECT_FALSE(judged(account_with(1), gone, login::Protocol::kOAuth).changes.contains("smtp"))
      << "no mail server gives tokens";
}

TEST(Trouble, WhoHasNoOtherServersStaysWhereItIs) {
  Provider one = provider_of_two();
  one.servers.pop_back();
  EXPECT_TRUE(other_servers(account_with(0), &one).empty());
  EXPECT_TRUE(other_servers(account_with(0), nullptr).empty());
}

TEST(Trouble, StrikesAreCountedByProtocol) {
  Account account = account_with(0);
  account.imap_strikes = 4;
  EXPECT_EQ(judged(account, reacting(Reaction::kRetry)).changes.at("smtp_strikes"), "1");
  EXPECT_EQ(judged(account, reacting(Reaction::kRetry), login::Protocol::kImap)
                .changes.at("imap_strikes"),
            "5");
}

TEST(Trouble, ARefusedSecretIsOneForAllProtocols) {
  Account account = account_with(0);
  account.imap_strikes = 1;
  Conclusion wrong = reacting(Reaction::kNewSecret);
  wrong.strikes = 2;
  EXPECT_EQ(judged(account, wrong).status, Status::kNeedsCode) << "it is not tried twice by each";
}

TEST(Trouble, GoodServiceForgivesWhatItRefutes) {
  const Account account = account_with(2);
  EXPECT_EQ(forgive(account, login::Protocol::kSmtp),
            (Fields{{"smtp_strikes", ""}, {"oauth_strikes", ""}}));
  EXPECT_EQ(forgive(account, login::Protocol::kImap),
            (Fields{{"imap_strikes", ""}, {"oauth_strikes", ""}}));
  EXPECT_TRUE(forgive(account_with(0), login::Protocol::kSmtp).empty());
}

TEST(Trouble, OneAnswerDecidesWhenAPersonAsks) {
  Conclusion refusal = reacting(Reaction::kWait);
  refusal.refused = true;
  EXPECT_EQ(status_after(refusal), Status::kNeedsCode);
  EXPECT_EQ(status_after(reacting(Reaction::kRefresh)), Status::kNeedsCode);
  EXPECT_EQ(status_after(reacting(Reaction::kFix)), Status::kNeedsAttention);
  EXPECT_EQ(status_after(reacting(Reaction::kRetry)), Status::kNormal);
}

}  // namespace
}  // namespace hongyan::mailbox
