#include "cli/usage.h"

#include <gtest/gtest.h>

namespace hongyan::cli {
namespace {

class Usage : public ::testing::Test {
 protected:
  Usage() {
    CLI::App* report = app_.add_subcommand("report");
    report->add_option("--format", text_);
    CLI::App* balance = app_.add_subcommand("balance");
    balance->add_subcommand("show");
    balance->add_subcommand("top-up")->add_option("--ref", text_);
  }
  std::string said(std::vector<const char*> words) {
    return unknown_word(app_, words).value_or("");
  }

  std::string text_;
  CLI::App app_{"", "hongyan"};
};

TEST_F(Usage, AMisspeltCommandIsNamedWithWhatWasMeant) {
  EXPECT_EQ(said({"reprot", "x"}), "there is no command 'reprot'; did you mean 'report'?");
  EXPECT_EQ(said({"balance", "topup"}), "there is no command 'topup'; did you mean 'top-up'?");
}

TEST_F(Usage, WithoutALikenessItPointsToTheHelp) {
  EXPECT_EQ(said({"explode"}), "there is no command 'explode'; hongyan --help shows all");
  EXPECT_EQ(said({"balance", "explode"}),
            "there is no command 'explode'; hongyan balance --help shows all");
}

TEST_F(Usage, AMisspeltFlagIsNamedToo) {
  EXPECT_EQ(said({"report", "x", "--fromat=csv"}),
            "there is no flag '--fromat'; did you mean '--format'?");
  EXPECT_EQ(said({"balance", "top-up", "acme", "-3", "--rfe", "x"}),
            "there is no flag '--rfe'; did you mean '--ref'?");
}

TEST_F(Usage, NothingIsSaidOfWordsThatExist) {
  EXPECT_EQ(said({}), "");
  EXPECT_EQ(said({"--help"}), "");
  EXPECT_EQ(said({"balance", "-h"}), "");
  EXPECT_EQ(said({"report", "reprot", "--format", "csv"}), "");
  EXPECT_EQ(said({"report", "--", "--fromat"}), "");
}

TEST(AtLeastOne, TakesWholeNumbersFromOneOn) {
  const CLI::Validator validator = at_least_one();
  for (std::string good : {"1", "50", "1000000"}) EXPECT_EQ(validator(good), "") << good;
  for (std::string bad : {"0", "-1", "x", "", "1.5", "5x", "99999999999999999999"})
    EXPECT_NE(validator(bad), "") << bad;
}

}  // namespace
}  // namespace hongyan::cli
