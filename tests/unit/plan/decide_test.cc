#include "plan/decide.h"

#include "base/time_text.h"

#include <gtest/gtest.h>

namespace hongyan::plan {
namespace {

using namespace std::chrono_literals;
using Kind = Decision::Kind;

Plan plan_of(std::vector<Millis> delays) {
  Plan plan;
  for (const Millis delay : delays) plan.steps.push_back({delay, Json::object()});
  return plan;
}

job::Window office(std::string tz) {
  return {std::move(tz), 0x1F, 9h, 17h};  // Monday to Friday
}

WallTime at(const char* text) {
  return *parse_rfc3339(text);
}

std::string shown(const Decision& decision) {
  return decision.kind == Kind::kSend   ? "send"
         : decision.kind == Kind::kDone ? "done"
                                        : format_rfc3339(decision.at);
}

// Days and hours of all mails when each is accepted a second after it was handed over.
std::vector<std::string> run(const Plan& plan, Progress progress, WallTime now) {
  std::vector<std::string> sent;
  progress.joined_at = now;
  for (;;) {
    const Decision next = decide(plan, progress, now);
    if (next.kind == Kind::kDone) return sent;
    if (next.kind == Kind::kWait) {
      EXPECT_GT(next.at, now) << "the clock moves";
      now = next.at;
      continue;
    }
    sent.push_back(format_rfc3339(now).substr(0, 16));
    now += 1s;
    progress.last_at = now;
    ++progress.steps;
  }
}

TEST(Decide, StepsFollowEachOtherOverWeeks) {
  const Plan plan = plan_of({0ms, 72h, 96h});
  EXPECT_EQ(run(plan, {}, at("2026-03-02T10:00:00Z")),
            (std::vector<std::string>{"2026-03-02T10:00", "2026-03-05T10:00", "2026-03-09T10:00"}));
}

TEST(Decide, TheFirstDelayCountsFromJoining) {
  const Plan plan = plan_of({10min});
  const Progress joined{0, at("2026-03-02T10:00:00Z"), {}, {}};
  EXPECT_EQ(shown(decide(plan, joined, at("2026-03-02T10:09:59Z"))), "2026-03-02T10:10:00.000Z");
  EXPECT_EQ(shown(decide(plan, joined, at("2026-03-02T10:10:00Z"))), "send");
}

TEST(Decide, WaitsForTheWindowOfTheContactsOwnZone) {
  Plan plan = plan_of({0ms});
  plan.window = office("Asia/Shanghai");
  const WallTime friday = at("2026-03-06T12:00:00Z");  // 20:00 in Shanghai, 07:00 in New York
  EXPECT_EQ(shown(decide(plan, {0, friday, {}, ""}, friday)), "2026-03-09T01:00:00.000Z");
  EXPECT_EQ(shown(decide(plan, {0, friday, {}, "America/New_York"}, friday)),
            "2026-03-06T14:00:00.000Z");
  EXPECT_EQ(shown(decide(plan, {0, friday, {}, "Europe/Berlin"}, friday)), "send");
}

// Clocks go forward on 2026-03-29 in Berlin: nine o'clock is an hour earlier in UTC.
TEST(Decide, WindowsMoveWithTheClockChange) {
  Plan plan = plan_of({0ms, 20h, 72h});
  plan.window = office("UTC");
  EXPECT_EQ(run(plan, {0, {}, {}, "Europe/Berlin"}, at("2026-03-26T07:00:00Z")),
            (std::vector<std::string>{"2026-03-26T08:00", "2026-03-27T08:00", "2026-03-30T08:00"}));
  EXPECT_EQ(run(plan, {0, {}, {}, "Europe/Berlin"}, at("2026-03-28T07:00:00Z")).front(),
            "2026-03-30T07:00");
  EXPECT_EQ(run(plan, {0, {}, {}, "America/New_York"}, at("2026-10-30T21:00:00Z")).front(),
            "2026-11-02T14:00");
}

TEST(Decide, ALateAnswerIsWaitedForNotCaughtUpWith) {
  const Plan plan = plan_of({0ms, 24h, 24h});
  // The mail before was deferred for two days: the next one comes a day after it was accepted.
  const Progress progress{1, at("2026-03-02T10:00:00Z"), at("2026-03-04T10:00:00Z"), {}};
  EXPECT_EQ(shown(decide(plan, progress, at("2026-03-04T11:00:00Z"))), "2026-03-05T10:00:00.000Z");
}

TEST(Decide, AnEditedPlanIsAskedAnew) {
  const Progress progress{2, at("2026-03-02T10:00:00Z"), at("2026-03-04T10:00:00Z"), {}};
  const WallTime now = at("2026-03-04T12:00:00Z");
  EXPECT_EQ(shown(decide(plan_of({0ms, 24h, 240h}), progress, now)), "2026-03-14T10:00:00.000Z");
  EXPECT_EQ(shown(decide(plan_of({0ms, 24h, 1h}), progress, now)), "send");
  EXPECT_EQ(shown(decide(plan_of({0ms}), progress, now)), "done") << "steps were taken away";
}

}  // namespace
}  // namespace hongyan::plan
