#include "mailbox/office/sync_rules.h"

#include <gtest/gtest.h>

namespace hongyan::mailbox {
namespace {

using namespace std::chrono_literals;

TEST(SyncRules, LooksAreAQuarterAroundTheInterval) {
  EXPECT_EQ(next_look(4min, 0), 3min);
  EXPECT_EQ(next_look(4min, 0.5), 4min);
  EXPECT_LT(next_look(4min, 0.999), 5min);
}

TEST(SyncRules, PausesDoubleUpToTenMinutes) {
  EXPECT_EQ(back_off(1, 0.5), 5s);
  EXPECT_EQ(back_off(2, 0.5), 10s);
  EXPECT_EQ(back_off(5, 0.5), 80s);
  EXPECT_EQ(back_off(8, 0.5), 10min);
  EXPECT_EQ(back_off(1'000'000, 0.5), 10min);
  EXPECT_EQ(back_off(0, 0.5), 5s);
}

TEST(SyncRules, AMessageIsToldWhole) {
  imap::MessageHead head;
  head.uid = 7;
  head.received = from_unix_ms(1'795'000'000'000);
  head.from = {{"李", "li@a.example"}, {"", "other@a.example"}};
  head.to = {{"", "b@b.example"}, {"nobody", ""}, {"", "c@c.example"}};
  head.subject = "Re: \"valves\"";
  head.message_id = "q@a.example";
  head.from_machine = true;
  EXPECT_EQ(to_json(message_json("lily@corp.example", head)),
            R"({"mailbox":"lily@corp.example","uid":7,"from":"li@a.example","from_name":"李",)"
            R"("to":"b@b.example, c@c.example","subject":"Re: \"valves\"","date":1795000000000,)"
            R"("received":1795000000000,"message_id":"q@a.example","in_reply_to":"","snippet":"",)"
            R"("from_machine":true})");
}

TEST(SyncRules, WhatIsNotKnownIsEmptyNotMissing) {
  EXPECT_EQ(to_json(message_json("m", {})),
            R"({"mailbox":"m","uid":0,"from":"","from_name":"","to":"","subject":"","date":0,)"
            R"("received":0,"message_id":"","in_reply_to":"","snippet":"","from_machine":false})");
}

}  // namespace
}  // namespace hongyan::mailbox
