#include "sink/script.h"

#include <gtest/gtest.h>

namespace hongyan::sink {
namespace {

struct Case {
  const char* address;
  Script script;
};

TEST(Script, AddressSaysWhatHappens) {
  const Case cases[] = {
      {"bounce@x.example", {Deed::kReply, Stage::kRcpt, 550, "5.1.1", 0}},
      {"bounce-550-5.1.1+77@x.example", {Deed::kReply, Stage::kRcpt, 550, "5.1.1", 0}},
      {"BOUNCE-552-5.2.2@x", {Deed::kReply, Stage::kRcpt, 552, "5.2.2", 0}},
      {"bounce-551@x", {Deed::kReply, Stage::kRcpt, 551, "", 0}},
      {"defer-451@x", {Deed::kReply, Stage::kRcpt, 451, "4.7.1", 0}},
      {"defer-450-2@x", {Deed::kReply, Stage::kRcpt, 450, "", 2}},
      {"defer-451-4.7.1-2+a-b@x", {Deed::kReply, Stage::kRcpt, 451, "4.7.1", 2}},
      {"content-554-5.7.1@x", {Deed::kReply, Stage::kContent, 554, "5.7.1", 0}},
      {"refuse-mail-421-4.3.2@x", {Deed::kReply, Stage::kMail, 421, "4.3.2", 0}},
      {"drop-rcpt@x", {Deed::kDrop, Stage::kRcpt, 0, "", 0}},
      {"drop-content-1@x", {Deed::kDrop, Stage::kContent, 0, "", 1}},
      {"lost-content@x", {Deed::kLost, Stage::kContent, 0, "", 0}},
      {"stall-data@x", {Deed::kStall, Stage::kData, 0, "", 0}},
      {"garble-banner@x", {Deed::kGarble, Stage::kBanner, 0, "", 0}},
      {"endless-quit@x", {Deed::kEndless, Stage::kQuit, 0, "", 0}},
  };
  for (const Case& c : cases) {
    const auto script = script_of_address(c.address);
    ASSERT_TRUE(script) << c.address;
    EXPECT_EQ(*script, c.script) << c.address;
  }
}

TEST(Script, OrdinaryAddressesHaveNone) {
  for (const char* address :
       {"li@x.example", "bouncer@x", "bounce-back@x", "bounce-5500@x", "bounce-250@x", "drop@x",
        "drop-everything@x", "lost-rcpt@x", "defer-451-4.7.1-0@x", "defer-451-4.7.1-2-3@x",
        "stall-data-soon@x", "", "@", "+bounce@x", "bounce-550-5.1@x"})
    EXPECT_FALSE(script_of_address(address)) << address;
}

TEST(Script, ReplyNamesTheRecipientAndLeavesOutWhatIsNotOffered) {
  const Script script{Deed::kReply, Stage::kRcpt, 550, "5.1.1", 0};
  EXPECT_EQ(reply_line(script, "a@b", true), "550 5.1.1 <a@b> no mailbox of that name here");
  EXPECT_EQ(reply_line(script, "a@b", false), "550 <a@b> no mailbox of that name here");
}

}  // namespace
}  // namespace hongyan::sink
