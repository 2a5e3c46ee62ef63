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
      "  { name = \"a\", match = 'y', kind = \"polici\", example = \"550 y\" },\n]\n");
  for (const char* wanted :
       {"mine.toml:4", "no pattern", "mine.toml:5", "did you mean 'policy'", "taken"})
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
