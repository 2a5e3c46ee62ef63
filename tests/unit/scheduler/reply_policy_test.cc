#include "scheduler/reply_policy.h"

#include <gtest/gtest.h>

#include <chrono>

namespace hongyan::scheduler {
namespace {

using namespace std::chrono_literals;
using Kind = LaneReaction::Kind;
using enum Verdict;
using enum Stage;

const Refusal kPasses{};
const Refusal kFinal{true, Evidence::kNone, {}};
const Refusal kUnknownUser{true, Evidence::kBadMailbox, {}};
const Refusal kPause{false, Evidence::kNone, {Kind::kPause, 15min}};

struct Case {
  Answer answer;
  Refusal refusal;
  Outcome outcome;
  Evidence evidence;
  Kind lane;
  bool judged = true;
};

TEST(ReplyPolicy, Table) {
  const Case cases[] = {
      {{kDelivered, kContent, 250}, {}, Outcome::kDelivered, Evidence::kAccepted, Kind::kNone},
      {{kInDoubt, kContent, 0},
       {},
       Outcome::kInDoubt,
       Evidence::kNone,
       Kind::kFewerConnections,
       false},
      // From RCPT on the refusal decides, whatever the digit says.
      {{kBounced, kRcpt, 550}, kUnknownUser, Outcome::kBounced, Evidence::kBadMailbox, Kind::kNone},
      {{kDeferred, kRcpt, 450},
       kUnknownUser,
       Outcome::kBounced,
       Evidence::kBadMailbox,
       Kind::kNone},
      {{kBounced, kContent, 554}, kFinal, Outcome::kBounced, Evidence::kNone, Kind::kNone},
      {{kBounced, kRcpt, 550}, kPasses, Outcome::kDeferred, Evidence::kNone, Kind::kNone},
      {{kBounced, kRcpt, 550}, kPause, Outcome::kDeferred, Evidence::kNone, Kind::kPause},
      {{kDeferred, kRcpt, 450}, kPasses, Outcome::kDeferred, Evidence::kNone, Kind::kNone},
      {{kDeferred, kContent, 451}, kPause, Outcome::kDeferred, Evidence::kNone, Kind::kPause},
      // MAIL: nobody was named yet.
      {{kBounced, kMail, 550},
       kUnknownUser,
       Outcome::kBounced,
       Evidence::kNone,
       Kind::kNone,
       false},
      {{kBounced, kMail, 550}, kPasses, Outcome::kDeferred, Evidence::kNone, Kind::kNone, false},
      {{kDeferred, kMail, 450}, kPasses, Outcome::kDeferred, Evidence::kNone, Kind::kSlow, false},
      // 421 ends the connection: at least slower.
      {{kDeferred, kContent, 421},
       kPasses,
       Outcome::kDeferred,
       Evidence::kNone,
       Kind::kSlow,
       false},
      {{kDeferred, kRcpt, 421}, kPause, Outcome::kDeferred, Evidence::kNone, Kind::kPause, false},
      {{kUntried, kMail, 421}, kPasses, Outcome::kDeferred, Evidence::kNone, Kind::kSlow, false},
      // The connection's own trouble never bounces anybody.
      {{kUntried, kGreeting, 421},
       kPasses,
       Outcome::kDeferred,
       Evidence::kNone,
       Kind::kFewerConnections,
       false},
      {{kUntried, kGreeting, 554},
       kFinal,
       Outcome::kDeferred,
       Evidence::kNone,
       Kind::kPause,
       false},
      {{kBounced, kGreeting, 554},
       kUnknownUser,
       Outcome::kDeferred,
       Evidence::kNone,
       Kind::kPause,
       false},
      {{kUntried, kAuth, 535}, kFinal, Outcome::kDeferred, Evidence::kNone, Kind::kPause, false},
      {{kUntried, kConnect, 0},
       {},
       Outcome::kDeferred,
       Evidence::kNone,
       Kind::kFewerConnections,
       false},
      {{kUntried, kRcpt, 0},
       {},
       Outcome::kDeferred,
       Evidence::kNone,
       Kind::kFewerConnections,
       false},
  };
  for (const Case& one : cases) {
    const Ruling ruling = judge(one.answer, one.refusal);
    const auto what = testing::Message()
                      << "verdict " << static_cast<int>(one.answer.verdict) << " stage "
                      << static_cast<int>(one.answer.stage) << " code " << one.answer.code;
    EXPECT_EQ(ruling.outcome, one.outcome) << what;
    EXPECT_EQ(ruling.evidence, one.evidence) << what;
    EXPECT_EQ(ruling.lane.kind, one.lane) << what;
    EXPECT_EQ(ruling.judged, one.judged) << what;
  }
}

TEST(ReplyPolicy, TheRefusalsPauseIsKept) {
  EXPECT_EQ(judge({kDeferred, kRcpt, 450}, kPause).lane.pause, 15min);
  EXPECT_EQ(judge({kUntried, kGreeting, 554}, kFinal).lane.pause, 30min);
  EXPECT_EQ(judge({kUntried, kGreeting, 554}, kPause).lane.pause, 15min);
}

TEST(ReplyPolicy, Dns) {
  for (const DnsFailure failure :
       {DnsFailure::kNoSuchDomain, DnsFailure::kNullMx, DnsFailure::kNoAddress})
    EXPECT_EQ(judge(failure), (Ruling{Outcome::kBounced, Evidence::kBadDomain, {}, true}));
  EXPECT_EQ(judge(DnsFailure::kForbiddenAddress),
            (Ruling{Outcome::kBounced, Evidence::kNone, {}, true}));
  for (const DnsFailure failure : {DnsFailure::kServerFailure, DnsFailure::kTimeout})
    EXPECT_EQ(judge(failure), (Ruling{Outcome::kDeferred, Evidence::kNone, {}, false}));
}

}  // namespace
}  // namespace hongyan::scheduler
