#include "store/hold.h"

#include <gtest/gtest.h>

namespace hongyan::store {
namespace {

TEST(Hold, IsReadAsItWasWritten) {
  const Hold hold{1763737331000, "ann@ops", "restored \"from\" 14:00\n"};
  const Hold read = hold_from_json(to_json(hold));
  EXPECT_EQ(read.at_ms, hold.at_ms);
  EXPECT_EQ(read.actor, hold.actor);
  EXPECT_EQ(read.reason, hold.reason);
}

TEST(Hold, SaysWhoAndWhySinceWhen) {
  EXPECT_EQ((Hold{1763737331000, "ann@ops", "a look"}).sentence(),
            "held since 2025-11-21T15:02:11.000Z by ann@ops: a look");
  EXPECT_EQ(Hold{}.sentence(), "held");
}

// Somebody wanted it in a hurry, with any client of Redis.
TEST(Hold, HoldsWhateverTheValueIs) {
  EXPECT_EQ(hold_from_json("stop it").reason, "stop it");
  EXPECT_EQ(hold_from_json("1").reason, "1");
  EXPECT_EQ(hold_from_json("{\"reason\":\"no time\",\"at\":\"noon\"}").reason, "no time");
  EXPECT_EQ(hold_from_json("{\"at\":\"noon\"}").at_ms, 0);
}

}  // namespace
}  // namespace hongyan::store
