#include "scheduler/reply_policy.h"

#include <gtest/gtest.h>

#include <chrono>

namespace hongyan::scheduler {
namespace {

using namespace std::chrono_literals;
using Kind = LaneReaction::Kind;
using enum Verdict;
using enum Stage;

struct Case {
  Answer answer;
  Outcome outcome;
  Evidence evidence;
  Kind lane;
  bool judged = true;
};

TEST(ReplyPolicy, Table) {
  const Case cases[] = {
      {{kDelivered, kContent, 250, "2.0.0"}, Outcome::kDelivered, Evidence::kAccepted, Kind::kNone},
      {{kInDoubt, kContent, 0, ""},
       Outcome::kInDoubt,
       Evidence::kNone,
       Kind::kFewerConnections,
       false},
      // bad mailbox, by enhanced code
      {{kBounced, kRcpt, 550, "5.1.1"}, Outcome::kBounced, Evidence::kBadMailbox, Kind::kNone},
      {{kBounced, kRcpt, 550, "5.1.2"}, Outcome::kBounced, Evidence::kBadMailbox, Kind::kNone},
      {{kBounced, kRcpt, 553, "5.1.3"}, Outcome::kBounced, Evidence::kBadMailbox, Kind::kNone},
      {{kBounced, kRcpt, 551, "5.1.6"}, Outcome::kBounced, Evidence::kBadMailbox, Kind::kNone},
      {{kBounced, kRcpt, 556, "5.1.10"}, Outcome::kBounced, Evidence::kBadMailbox, Kind::kNone},
      {{kBounced, kContent, 554, "5.1.1"}, Outcome::kBounced, Evidence::kBadMailbox, Kind::kNone},
      // bad mailbox, by bare code to RCPT
      {{kBounced, kRcpt, 550, ""}, Outcome::kBounced, Evidence::kBadMailbox, Kind::kNone},
      {{kBounced, kRcpt, 551, ""}, Outcome::kBounced, Evidence::kBadMailbox, Kind::kNone},
      {{kBounced, kRcpt, 553, ""}, Outcome::kBounced, Evidence::kBadMailbox, Kind::kNone},
      // any other 5xx is not counted
      {{kBounced, kRcpt, 550, "5.7.1"}, Outcome::kBounced, Evidence::kNone, Kind::kNone},
      {{kBounced, kRcpt, 552, ""}, Outcome::kBounced, Evidence::kNone, Kind::kNone},
      {{kBounced, kRcpt, 550, "5.2.2"}, Outcome::kBounced, Evidence::kNone, Kind::kNone},
      {{kBounced, kRcpt, 550, "5.1.11"}, Outcome::kBounced, Evidence::kNone, Kind::kNone},
      {{kBounced, kRcpt, 550, "5.11.1"}, Outcome::kBounced, Evidence::kNone, Kind::kNone},
      {{kBounced, kContent, 550, ""}, Outcome::kBounced, Evidence::kNone, Kind::kNone},
      {{kBounced, kMail, 550, "5.1.2"}, Outcome::kBounced, Evidence::kNone, Kind::kNone, false},
      // 4xx
      {{kDeferred, kRcpt, 450, "4.2.0"}, Outcome::kDeferred, Evidence::kNone, Kind::kNone},
      {{kDeferred, kRcpt, 450, "4.1.1"}, Outcome::kDeferred, Evidence::kNone, Kind::kNone},
      {{kDeferred, kContent, 451, ""}, Outcome::kDeferred, Evidence::kNone, Kind::kNone},
      {{kDeferred, kContent, 421, ""}, Outcome::kDeferred, Evidence::kNone, Kind::kSlow, false},
      {{kDeferred, kMail, 450, ""}, Outcome::kDeferred, Evidence::kNone, Kind::kSlow, false},
      {{kUntried, kMail, 421, "4.7.0"}, Outcome::kDeferred, Evidence::kNone, Kind::kSlow, false},
      {{kUntried, kGreeting, 421, ""},
       Outcome::kDeferred,
       Evidence::kNone,
       Kind::kFewerConnections,
       false},
      {{kUntried, kEhlo, 450, ""},
       Outcome::kDeferred,
       Evidence::kNone,
       Kind::kFewerConnections,
       false},
      // the connection's own trouble never bounces anybody
      {{kUntried, kGreeting, 554, ""}, Outcome::kDeferred, Evidence::kNone, Kind::kPause, false},
      {{kBounced, kGreeting, 554, "5.1.1"},
       Outcome::kDeferred,
       Evidence::kNone,
       Kind::kPause,
       false},
      {{kUntried, kAuth, 535, "5.7.8"}, Outcome::kDeferred, Evidence::kNone, Kind::kPause, false},
      {{kUntried, kConnect, 0, ""},
       Outcome::kDeferred,
       Evidence::kNone,
       Kind::kFewerConnections,
       false},
      {{kUntried, kRcpt, 0, ""},
       Outcome::kDeferred,
       Evidence::kNone,
       Kind::kFewerConnections,
       false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE("verdict " + std::to_string(static_cast<int>(c.answer.verdict)) + " stage " +
                 std::to_string(static_cast<int>(c.answer.stage)) + " " +
                 std::to_string(c.answer.code) + " " + std::string(c.answer.enhanced));
    const Ruling ruling = judge(c.answer);
    EXPECT_EQ(ruling.outcome, c.outcome);
    EXPECT_EQ(ruling.evidence, c.evidence);
    EXPECT_EQ(ruling.lane.kind, c.lane);
    EXPECT_EQ(ruling.lane.pause, c.lane == Kind::kPause ? 30min : 0min);
    EXPECT_EQ(ruling.judged, c.judged);
  }
}

TEST(ReplyPolicy, DnsFailures) {
  for (const auto failure :
       {DnsFailure::kNoSuchDomain, DnsFailure::kNullMx, DnsFailure::kNoAddress}) {
    EXPECT_EQ(judge(failure), (Ruling{Outcome::kBounced, Evidence::kBadDomain, {}, true}));
  }
  for (const auto failure : {DnsFailure::kServerFailure, DnsFailure::kTimeout}) {
    EXPECT_EQ(judge(failure), (Ruling{Outcome::kDeferred, Evidence::kNone, {}, false}));
  }
  EXPECT_EQ(judge(DnsFailure::kForbiddenAddress),
            (Ruling{Outcome::kBounced, Evidence::kNone, {}, true}));
}

}  // namespace
}  // namespace hongyan::scheduler
