#include "cli/progress.h"

#include "cli/engines.h"
#include "cli/output.h"

#include <gtest/gtest.h>

namespace hongyan::cli {
namespace {

store::JobView job(std::map<std::string, std::string, std::less<>> fields,
                   std::int64_t now = 1000) {
  store::JobView view;
  view.fields = std::move(fields);
  view.now_ms = now;
  return view;
}

TEST(Progress, CountsWhatWaitsAndWhatIsFinal) {
  const Progress p = Progress::of(job({{"state", "running"},
                                       {"total", "100"},
                                       {"queued", "40"},
                                       {"claimed", "5"},
                                       {"in_flight", "3"},
                                       {"in_doubt", "1"},
                                       {"deferred", "1"},
                                       {"delivered", "50"}}));
  EXPECT_EQ(p.waiting, 50);
  EXPECT_EQ(p.final(), 50);
  EXPECT_FALSE(p.ended());
  EXPECT_FALSE(p.stuck());
}

TEST(Progress, ACancelledJobEndsWhenNobodyWaits) {
  EXPECT_FALSE(Progress::of(job({{"state", "cancelled"}, {"in_flight", "1"}})).ended());
  EXPECT_TRUE(Progress::of(job({{"state", "cancelled"}})).ended());
}

TEST(Progress, StoppedStatesNeedSomebody) {
  for (const char* state : {"paused", "tripped", "unfunded"})
    EXPECT_TRUE(Progress::of(job({{"state", state}})).stuck()) << state;
}

TEST(ProgressLine, ShowsRateTimeLeftAndCost) {
  const Progress before = Progress::of(job({{"state", "running"}, {"total", "1000"}}, 0));
  const Progress now = Progress::of(job({{"state", "running"},
                                         {"total", "1000"},
                                         {"list_complete", "1"},
                                         {"queued", "500"},
                                         {"delivered", "495"},
                                         {"bounced", "5"},
                                         {"breaker_n", "500"},
                                         {"breaker_bad", "5"},
                                         {"charged_micro_yuan", "3465000"}},
                                        5000));
  EXPECT_EQ(
      progress_line(now, before, 0),
      "[##########----------]  50 % 500/1,000  495 delivered  100/s  ETA 5s  bad 1.00 % of max "
      "3 %  ¥3.465  5 bounced");
}

TEST(ProgressLine, LeavesOutWhatDoesNotFit) {
  const Progress now =
      Progress::of(job({{"state", "running"}, {"total", "1000"}, {"queued", "1000"}}));
  for (const std::size_t columns : {40u, 60u, 80u})
    EXPECT_LE(display_width(progress_line(now, now, columns)), columns);
}

TEST(ProgressLine, AnUnfinishedListHasAPlusAndNoTimeLeft) {
  const Progress before = Progress::of(job({{"state", "running"}, {"total", "10"}}, 0));
  const Progress now = Progress::of(
      job({{"state", "running"}, {"total", "10"}, {"queued", "5"}, {"delivered", "5"}}));
  const std::string line = progress_line(now, before, 0);
  EXPECT_NE(line.find("5/10+"), std::string::npos) << line;
  EXPECT_EQ(line.find("ETA"), std::string::npos) << line;
}

TEST(NextStep, EachStoppedStateHasAWayOut) {
  EXPECT_NE(next_step("a", job({{"state", "tripped"}})).find("hongyan resume a"),
            std::string::npos);
  EXPECT_NE(next_step("a", job({{"state", "unfunded"}, {"tenant", "acme"}})).find("top-up acme"),
            std::string::npos);
  EXPECT_NE(
      next_step("a", job({{"state", "paused"}, {"reason", "list-incomplete"}})).find("accept"),
      std::string::npos);
  EXPECT_NE(next_step("a", job({{"state", "paused"}, {"reason", "max_spend"}})).find("max_spend"),
            std::string::npos);
  EXPECT_EQ(next_step("a", job({{"state", "done"}, {"held", "2"}})), "hongyan doubt a");
  EXPECT_EQ(next_step("a", job({{"state", "done"}})), "hongyan report a");
  EXPECT_EQ(next_step("a", job({{"state", "running"}})), "");
}

TEST(Heartbeat, IsLiveForFiveSeconds) {
  const char* beat = R"({"at":10000,"pid":7,"host":"h","ready":true,"sources":["s1","s2"]})";
  EXPECT_TRUE(parse_heartbeat("e", beat, 14'999).live);
  EXPECT_FALSE(parse_heartbeat("e", beat, 15'000).live);
  EXPECT_EQ(parse_heartbeat("e", beat, 0).sources.size(), 2u);
  EXPECT_TRUE(parse_heartbeat("e", beat, 0).ready);
}

TEST(Heartbeat, ThatCannotBeReadIsNotLive) {
  for (const char* beat : {"", "{", "[]", R"({"at":"x"})"})
    EXPECT_FALSE(parse_heartbeat("e", beat, 100'000).live) << beat;
}

}  // namespace
}  // namespace hongyan::cli
