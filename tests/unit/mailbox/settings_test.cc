#include "mailbox/office/settings.h"

#include "mailbox/office/expiry.h"

#include <gtest/gtest.h>

namespace hongyan::mailbox {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

const WallTime kDay{std::chrono::sys_days{std::chrono::year{2026} / 12 / 20}};

TEST(Settings, BecomeFieldsOfTheStore) {
  const Fields order{{"op", "mailbox.set"}, {"sync", "off"},           {"sync_interval", "5m"},
                     {"label", "Lily"},     {"expires", "2026-12-20"}, {"actor", "me"}};
  const Fields wanted{{"sync", "off"},
                      {"sync_interval", "300000"},
                      {"label", "Lily"},
                      {"expires_at", "1797724800000"},
                      {"expiry_told", ""}};
  EXPECT_EQ(read_settings(order, true), wanted);
  EXPECT_EQ(read_settings({{"sync", "on"}}, true), (Fields{{"sync", ""}}));
  EXPECT_EQ(read_settings({{"expires", "never"}}, true),
            (Fields{{"expires_at", ""}, {"expiry_told", ""}}));
}

TEST(Settings, WhatIsWrongIsSaid) {
  const auto said = [](Fields order) { return read_settings(order, true).error().detail; };
  EXPECT_EQ(said({{"sync", "maybe"}}), "`sync` must be on or off");
  EXPECT_EQ(said({{"sync_interval", "59s"}}), "`sync_interval` must be from 1m to 24h, such as 4m");
  EXPECT_EQ(said({{"sync_interval", "25h"}}), said({{"sync_interval", "soon"}}));
  EXPECT_EQ(said({{"expires", "2026-02-30"}}),
            "`expires` must be a date such as 2027-05-20, or never");
  EXPECT_EQ(said({{"label", std::string(201, 'x')}}), "`label` must have at most 200 bytes");
  EXPECT_TRUE(said({{"op", "mailbox.set"}}).starts_with("nothing is to be set"));
}

TEST(Settings, NameWhoIsTold) {
  const auto read = [](const std::string& to, bool may = true) {
    return read_settings({{"mailbox", "Lily@163.com"}, {"notify", to}}, may);
  };
  EXPECT_EQ(read("Boss@ACME.example"), (Fields{{"notify", "Boss@acme.example"}}));
  EXPECT_EQ(read("off"), (Fields{{"notify", ""}}));
  EXPECT_EQ(read("off", false), (Fields{{"notify", ""}}));
  EXPECT_TRUE(read("boss@acme.example", false).error().detail.contains("[mailbox.notify]"));
  EXPECT_TRUE(read("lily@163.com").error().detail.contains("through itself"));
  EXPECT_TRUE(read("boss").error().detail.starts_with("`notify` must be an address"));
}

TEST(Expiry, WarnsTwoWeeksAndThreeDaysBeforeAndWhenOver) {
  EXPECT_EQ(expiry_at(kDay, kDay - days(14) - 1ms), Expiry::kFar);
  EXPECT_EQ(expiry_at(kDay, kDay - days(14)), Expiry::kTwoWeeks);
  EXPECT_EQ(expiry_at(kDay, kDay - days(3) - 1ms), Expiry::kTwoWeeks);
  EXPECT_EQ(expiry_at(kDay, kDay - days(3)), Expiry::kThreeDays);
  EXPECT_EQ(expiry_at(kDay, kDay - 1ms), Expiry::kThreeDays);
  EXPECT_EQ(expiry_at(kDay, kDay), Expiry::kOver);
}

TEST(Expiry, IsToldInDays) {
  EXPECT_EQ(expiry_sentence(kDay, kDay - days(15)), "");
  EXPECT_EQ(expiry_sentence(kDay, kDay - days(13) - 1h), "its code ends in 14 days (2026-12-20)");
  EXPECT_EQ(expiry_sentence(kDay, kDay - 1h), "its code ends in 1 day (2026-12-20)");
  EXPECT_EQ(expiry_sentence(kDay, kDay + 1h), "its code has ended (2026-12-20)");
  EXPECT_EQ(days_left(kDay, kDay + days(2)), -2);
}

}  // namespace
}  // namespace hongyan::mailbox
