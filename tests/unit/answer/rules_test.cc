// The rules that travel in the binary.
#include "engine/answer/classifier.h"
#include "engine/answer/reply_text.h"
#include "engine/config/bounce_rules.h"
#include "engine/config/config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <unistd.h>

namespace hongyan::answer {
namespace {

std::string sentences(const Faults& faults) {
  std::string all;
  for (const Fault& fault : faults) all += fault.sentence() + "\n";
  return all;
}

std::shared_ptr<const Classifier> built_in() {
  auto book = config::load_bounce_rules();
  if (!book) {
    ADD_FAILURE() << sentences(book.error());
    return nullptr;
  }
  auto made = Classifier::create(std::move(*book));
  if (!made) {
    ADD_FAILURE() << sentences(made.error());
    return nullptr;
  }
  return *made;
}

TEST(BounceRules, EveryRuleAnswersItsExampleForEachOfItsReceivers) {
  const auto classifier = built_in();
  ASSERT_NE(classifier, nullptr);
  std::size_t rules = 0;
  for (const Family& family : classifier->book().families)
    for (const Rule& rule : family.rules) {
      ++rules;
      const ReplyLine line = parse_reply_line(rule.example);
      for (const std::string& provider : family.providers)
        EXPECT_EQ(
            classifier
                ->classify({provider,
                            rule.stages.empty() ? scheduler::Stage::kRcpt : rule.stages.front(),
                            line.code, line.enhanced, line.text})
                .rule_name(),
            family.name + "/" + rule.name);
    }
  EXPECT_GT(rules, 600U);
}

TEST(BounceRules, NoneIsDeadOrShadowed) {
  const auto classifier = built_in();
  ASSERT_NE(classifier, nullptr);
  EXPECT_EQ(sentences(classifier->check_examples()), "");
}

TEST(BounceRules, ReceiversAreNamedOnes) {
  const auto classifier = built_in();
  ASSERT_NE(classifier, nullptr);
  const auto providers = config::built_in_providers();
  for (const Family& family : classifier->book().families)
    for (const std::string& provider : family.providers)
      EXPECT_TRUE(providers.contains(provider)) << family.name << ": " << provider;
}

TEST(BounceRules, EveryKindIsUsed) {
  const auto classifier = built_in();
  ASSERT_NE(classifier, nullptr);
  std::set<std::string> used;
  for (const Family& family : classifier->book().families)
    for (const Rule& rule : family.rules) used.insert(rule.kind);
  for (const Kind& kind : classifier->book().kinds)
    EXPECT_TRUE(used.contains(kind.name)) << kind.name;
}

TEST(BounceRules, OnlyBadAddressesAreSuppressed) {
  const auto classifier = built_in();
  ASSERT_NE(classifier, nullptr);
  for (const Kind& kind : classifier->book().kinds)
    if (kind.suppress)
      EXPECT_TRUE(kind.group == Group::kBadMailbox || kind.group == Group::kBadDomain) << kind.name;
}

Meaning meaning_of(const Classifier& classifier, const std::string& text) {
  const ReplyLine line = parse_reply_line(text);
  return classifier.classify({"", scheduler::Stage::kRcpt, line.code, line.enhanced, line.text});
}

// What hurts most: an address struck off a list although it lives. Each of these mentions users,
// mailboxes or addresses, and none is the recipient's fault.
TEST(BounceRules, WordsAboutUsOrAboutNowSuppressNobody) {
  const auto classifier = built_in();
  ASSERT_NE(classifier, nullptr);
  for (const char* text : {
           "550 5.7.1 Sender address rejected: user unknown",
           "550 5.1.8 <x@example.com>: Sender address does not exist",
           "554 5.7.1 Recipient address rejected: Access denied",
           "550 5.7.1 Message rejected: account of sender disabled",
           "550 Your IP address is not found in reverse DNS",
           "450 4.1.1 User unknown, try again later",
           "552 5.2.2 User is over quota",
           "550 User is receiving mail at a rate that is too high",
           "554 Message for this user rejected as spam",
           "550 Mailbox unavailable or access denied",
           "550 5.7.1 The account is not allowed to receive mail from outside by policy",
           "550 5.0.0",
           "550 No",
           "554 Relay access denied",
           "550 too many invalid recipients",
           "550 5.7.1 Your account has been suspended for sending spam",
           "550 5.7.1 Your domain does not exist in our allow list",
           "550 5.7.1 Client host is not registered, address not valid in DNS",
           "550 invalid address in From header",
           "554 5.6.0 Invalid address in header To",
           "550 5.7.1 This address only accepts mail from authorised senders",
           "550 user temporarily disabled for too many messages received today",
           "550 5.2.1 mailbox temporarily disabled, try again later",
           "552 5.2.2 account is locked because it is full",
           "550 5.7.1 recipient does not want mail from unknown senders",
           "554 5.7.1 Your host's address is unknown",
           "550 5.4.5 account has exceeded its daily limit",
           "550 server not found in SPF; recipient rejects",
           "550 user not authenticated",
           "550 account expired: the licence of the gateway has expired for this domain",
           "550 5.7.1 Blocked: recipient address does not exist in sender's address book",
           "550 HELO name unknown user@x",
           "553 5.7.1 invalid address of envelope sender",
           "550 5.1.7 Invalid address",
           "550 5.7.133 sender not authenticated for mailbox",
           "550 account not verified for sending",
           "550 Rejected: address listed at an unknown list",
           "550 5.7.1 Access denied, your account is not found in our access list",
           "550 mail from this user is not accepted here",
           "550 5.7.1 Unable to deliver: the mailbox requires authenticated senders",
           "554 5.7.1 Service unavailable; user's mailbox is protected by greylisting",
           "550 This account does not accept bulk mail",
           "550 Domain of sender does not exist",
           "550 no valid PTR record for address",
           "550 unknown client address",
           "550 Recipient limit exceeded for this mailbox",
           "550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents "
           "additional messages from being delivered",
           "550 account quota exceeded",
           "550 invalid recipient count",
           "550 user rejected this message as unwanted",
           "550 5.7.1 Recipient rejected your message",
           "550 The recipient's mailbox is not accepting mail from your IP range",
           "554 5.7.1 This user does not accept mail from your country",
           "550 No account for your IP in the reputation database",
           "550 unknown error in mailbox backend",
           "550 Mail account over hourly limit, invalid now",
           "550 Invalid address: IP 192.0.2.1 not in DNS",
           "550 5.7.1 not a valid sender for this recipient",
           "550 user unknown in whitelist",
           "550 Your mail address is not registered with us, mail refused",
           "550 rejected: unknown address 192.0.2.4 connected",
           "550 Remote host address does not exist",
           "550 5.7.1 recipient not found in sender's contact list",
       })
    EXPECT_FALSE(meaning_of(*classifier, text).suppress)
        << text << ": " << meaning_of(*classifier, text).rule_name();
}

TEST(BounceRules, DeadAddressesAreSeenInManyDialects) {
  const auto classifier = built_in();
  ASSERT_NE(classifier, nullptr);
  for (const char* text : {
           "550 5.1.1 <a@example.com>: Recipient address rejected: User unknown in virtual mailbox "
           "table",
           "550 #5.1.0 Address rejected. No such user",
           "550 Unknown user",
           "511 sorry, no mailbox here by that name (#5.1.1 - chkuser)",
           "550 <a@example.com> No such user here",
           "550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found",
           "550 Unrouteable address",
           "554 5.1.1 The email account that you tried to reach does not exist",
           "550 5.2.1 This account has been deactivated",
           "550 Your message could not be delivered: the recipient does not exist",
           "550 sorry, that user does not exist here, please check the address and try again",
           "550 mailbox has been disabled due to inactivity",
           "550 Invalid recipient",
           "550 The user is not registered on this server",
           "550 user is suspended",
           "550 No such mailbox",
           "554 delivery error: dd This user doesn't have a example.com account",
           "553 5.3.0 <a@example.com>... Addressee unknown",
           "550 <a@example.com>: Recipient address rejected: undeliverable address: unknown user",
           "550 Address unknown",
           "550 recipient <a@example.com> was not found",
           "550 User not local",
           "550 No such person at this address",
           "550 5.1.1 Destinataire inconnu",
       }) {
    const Meaning meaning = meaning_of(*classifier, text);
    EXPECT_EQ(meaning.group, Group::kBadMailbox) << text << ": " << meaning.rule_name();
    EXPECT_TRUE(meaning.suppress) << text << ": " << meaning.rule_name();
  }
}

class OwnRules : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("rules-" + std::to_string(getpid()));
    std::filesystem::create_directory(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string faults_of(const std::string& text) {
    std::ofstream(folder_ / "mine.toml") << text;
    auto book = config::load_bounce_rules(folder_);
    if (!book) return sentences(book.error());
    const auto made = Classifier::create(std::move(*book));
    return made ? sentences((*made)->check_examples()) : sentences(made.error());
  }
  std::filesystem::path folder_;
};

TEST_F(OwnRules, AreAddedByFamily) {
  EXPECT_EQ(
      faults_of(
          "order = 10\nproviders = [\"sina\"]\nrules = [\n"
          "{ name = \"a\", match = 'weasel', kind = \"policy\", example = \"550 weasel\" }]\n"),
      "");
}

TEST_F(OwnRules, AllFaultsAreToldWithTheirLines) {
  const std::string told = faults_of(
      "order = 10\nrules = [\n"
      "  { name = \"a\", match = 'x', knid = \"policy\", example = \"550 x\" },\n"
      "  { name = \"b\", match = 'x', kind = \"policy\", reaction = \"pause\", example = \"550 x\" "
      "},\n"
      "  { name = \"c\", kind = \"policy\", example = \"550 x\" },\n"
      "  { name = \"d\", code = [\"2\"], kind = \"policy\", example = \"550 x\" },\n]\n");
  for (const char* wanted : {"mine.toml:3", "kind", "mine.toml:4", "pause 1h", "mine.toml:5",
                             "fits every reply", "mine.toml:6"})
    EXPECT_NE(told.find(wanted), std::string::npos) << wanted << " in\n" << told;
}

TEST_F(OwnRules, BadPatternsUnknownKindsAndTakenNamesAreTold) {
  const std::string told = faults_of(
      "order = 10\nproviders = [\"sina\"]\nrules = [\n"
      "  { name = \"a\", match = '(x', kind = \"policy\", example = \"550 x\" },\n"
      "  { name = \"a\", match = 'y', kind = \"polici\", example = \"550 y\" },\n"
      "  { name = \"b\", match = 'z', unless = '[', kind = \"policy\", example = \"550 z\" "
      "},\n]\n");
  for (const char* wanted : {"mine.toml:6", "mine.toml:4", "no pattern", "mine.toml:5",
                             "did you mean 'policy'", "taken"})
    EXPECT_NE(told.find(wanted), std::string::npos) << wanted << " in\n" << told;
}

TEST_F(OwnRules, DeadAndShadowedRulesAreTold) {
  const std::string told = faults_of(
      "order = 10\nproviders = [\"sina\"]\nrules = [\n"
      "  { name = \"a\", match = 'weasel', kind = \"policy\", example = \"550 weasel\" },\n"
      "  { name = \"b\", match = 'we', kind = \"spf\", example = \"550 weasel\" },\n"
      "  { name = \"c\", match = 'otter', code = [\"4\"], kind = \"spf\", example = \"zebra\" "
      "},\n]\n");
  for (const char* wanted : {"mine.toml:5: shadowed", "mine/a", "mine.toml:6: dead"})
    EXPECT_NE(told.find(wanted), std::string::npos) << wanted << " in\n" << told;
}

}  // namespace
}  // namespace hongyan::answer
