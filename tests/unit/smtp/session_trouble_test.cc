// Dialogues with servers that break off, talk nonsense, or shut down.
#include "engine/smtp/session.h"
#include "tests/unit/smtp/dialogue.h"

namespace hongyan::smtp::test {
namespace {

TEST(SessionTrouble, AClosedConnectionLeavesDoubtOnlyAfterEndOfData) {
  struct Row {
    std::string replies;  // after content of a and envelope of b were written
    Verdict a;
    Stage b;
  };
  for (const char* how : {"(close)", "(timeout)"}) {
    for (const Row& row :
         std::vector<Row>{{"", Verdict::kInDoubt, Stage::kMail},
                          {"250 A\r\n", Verdict::kDelivered, Stage::kMail},
                          {"250 A\r\n250 m\r\n", Verdict::kDelivered, Stage::kRcpt},
                          {"250 A\r\n250 m\r\n250 r\r\n", Verdict::kDelivered, Stage::kData},
                          {"250 A\r\n250 m\r\n250 r\r\n35", Verdict::kDelivered, Stage::kData}}) {
      Dialogue d(kPipelining);
      d.add("a@x");
      d.add("b@x");
      d.start();
      d.play({{envelope("a@x"), kEnvelopeAccepted},
              {kContent + envelope("b@x"), row.replies},
              {"", how}});
      ASSERT_EQ(d.outcomes.size(), 2u) << row.replies;
      EXPECT_EQ(d.outcomes[0].verdict, row.a);
      EXPECT_EQ(d.outcomes[1].verdict, Verdict::kUntried);
      EXPECT_EQ(d.outcomes[1].stage, row.b);
      EXPECT_EQ(d.outcomes[1].cause,
                std::string_view(how) == "(close)" ? "closed-by-peer" : "timeout");
      EXPECT_EQ(d.session.end().why, ConnectionEnd::Why::kLost);
    }
  }
}

TEST(SessionTrouble, AnEnvelopeWithoutAnswerIsUntried) {
  for (const char* replies : {"", "250 m\r\n", "250 m\r\n250 r\r\n"}) {
    Dialogue d(kPipelining);
    d.add("a@x");
    d.start();
    d.play({{envelope("a@x"), replies}, {"", "(close)"}});
    ASSERT_EQ(d.outcomes.size(), 1u);
    EXPECT_EQ(d.outcomes[0].verdict, Verdict::kUntried);
    EXPECT_EQ(d.marks, 0);
  }
}

TEST(SessionTrouble, AWriteCutBeforeEndOfDataLeavesNoDoubt) {
  // "hi\r\n" and then ".\r\n": from the fifth byte on the end has begun.
  for (std::size_t sent = 0; sent <= 30; ++sent) {
    Dialogue d(kPipelining);
    d.add("a@x");
    d.add("b@x");
    d.start();
    d.play({{envelope("a@x"), kEnvelopeAccepted},
            {kContent + envelope("b@x"), "(cut " + std::to_string(sent) + ")"}});
    ASSERT_EQ(d.outcomes.size(), 2u);
    EXPECT_EQ(d.outcomes[0].verdict, sent <= 4 ? Verdict::kUntried : Verdict::kInDoubt) << sent;
    EXPECT_EQ(d.outcomes[0].cause, "reset-by-peer");
    EXPECT_EQ(d.outcomes[1].verdict, Verdict::kUntried);
  }
  const std::size_t complete = std::string("BDAT 4 LAST\r\nhi\r\n").size();
  for (const std::size_t sent : {std::size_t{0}, complete - 1, complete}) {
    Dialogue d(kChunking);
    d.add("a@x");
    d.start();
    d.play({{"MAIL FROM:<f@x>\r\nRCPT TO:<a@x>\r\n", "250 m\r\n250 r\r\n"},
            {"BDAT 4 LAST\r\nhi\r\n", "(cut " + std::to_string(sent) + ")"}});
    EXPECT_EQ(d.outcomes[0].verdict, sent < complete ? Verdict::kUntried : Verdict::kInDoubt);
  }
}

TEST(SessionTrouble, TheLastWordsOfAServerThatStoppedReadingCount) {
  Dialogue d(kPipelining);
  d.add("a@x");
  d.start();
  d.step(d.session.on_written({}));
  d.step(d.session.on_bytes(kEnvelopeAccepted, {}));
  ASSERT_EQ(d.action, Session::Action::kWrite);
  d.step(d.session.on_write_failed(2, "reset-by-peer"));
  d.step(d.session.on_bytes("552 5.3.4 too big\r\n", {}));
  EXPECT_EQ(d.action, Session::Action::kClose);
  ASSERT_EQ(d.outcomes.size(), 1u);
  EXPECT_EQ(d.outcomes[0].verdict, Verdict::kBounced);
  EXPECT_EQ(d.outcomes[0].reply.code, 552);
}

TEST(SessionTrouble, AcceptanceOfContentThatNeverLeftIsNoDelivery) {
  Dialogue d(kPipelining);
  d.add("a@x");
  d.start();
  d.step(d.session.on_written({}));
  d.step(d.session.on_bytes(kEnvelopeAccepted, {}));
  d.step(d.session.on_write_failed(2, "reset-by-peer"));
  d.step(d.session.on_bytes("250 ok\r\n", {}));
  ASSERT_EQ(d.outcomes.size(), 1u);
  EXPECT_EQ(d.outcomes[0].verdict, Verdict::kUntried);
}

TEST(SessionTrouble, ServiceClosingAnywhereSettlesEverything) {
  const std::vector<std::string> replies{"250 A\r\n", "250 m\r\n", "250 r\r\n", "354 d\r\n"};
  for (std::size_t at = 0; at <= replies.size(); ++at) {
    std::string text;
    for (std::size_t i = 0; i < at; ++i) text += replies[i];
    Dialogue d(kPipelining);
    d.add("a@x");
    d.add("b@x");
    d.start();
    d.play({{envelope("a@x"), kEnvelopeAccepted},
            {kContent + envelope("b@x"), text + "421 4.3.2 shutting down\r\n"}});
    ASSERT_EQ(d.outcomes.size(), 2u) << at;
    EXPECT_EQ(d.outcomes[0].verdict, at == 0 ? Verdict::kDeferred : Verdict::kDelivered);
    EXPECT_EQ(d.outcomes[1].verdict, Verdict::kUntried);
    EXPECT_EQ(d.outcomes[1].cause, "service-closing");
    EXPECT_EQ(d.outcomes[1].reply.code, 421);
    EXPECT_EQ(d.session.end().why, ConnectionEnd::Why::kClosing);
    EXPECT_EQ(d.session.end().reply.enhanced, "4.3.2");
    EXPECT_EQ(d.marks, 1);
  }
}

TEST(SessionTrouble, NonsenseEndsTheConnectionNotTheProgram) {
  struct Row {
    std::string replies;
    const char* cause;
    Verdict a;
  };
  for (const Row& row : std::vector<Row>{
           {"hello\r\n", "malformed-reply", Verdict::kInDoubt},
           {std::string(5000, '2'), "malformed-reply", Verdict::kInDoubt},
           {"354 what\r\n", "unexpected-reply", Verdict::kInDoubt},
           {"250 A\r\n354 m\r\n", "unexpected-reply", Verdict::kDelivered},
           {"250 A\r\n250 m\r\n354 r\r\n", "unexpected-reply", Verdict::kDelivered},
           {"250 A\r\n250 m\r\n250 r\r\n250 d\r\n", "unexpected-reply", Verdict::kDelivered},
           {"250 A\r\n" + kEnvelopeAccepted + "250 extra\r\n", "unexpected-reply",
            Verdict::kDelivered}}) {
    Dialogue d(kPipelining);
    d.add("a@x");
    d.add("b@x");
    d.start();
    d.play({{envelope("a@x"), kEnvelopeAccepted}, {kContent + envelope("b@x"), row.replies}});
    ASSERT_EQ(d.outcomes.size(), 2u) << row.replies;
    EXPECT_EQ(d.outcomes[0].verdict, row.a) << row.replies;
    EXPECT_EQ(d.outcomes[1].verdict, Verdict::kUntried) << row.replies;
    EXPECT_EQ(d.session.end().cause, row.cause) << row.replies;
    EXPECT_EQ(d.marks, 1);
  }
}

TEST(SessionTrouble, DataAcceptedAfterARefusedMailIsNeverEnded) {
  Dialogue d(kPipelining);
  d.add("a@x");
  d.start();
  d.play({{envelope("a@x"), "503 nested\r\n250 r\r\n354 d\r\n"}});
  EXPECT_EQ(d.outcomes[0].verdict, Verdict::kBounced);
  EXPECT_EQ(d.outcomes[0].stage, Stage::kMail);
}

TEST(SessionTrouble, ARefusedResetEndsTheConnection) {
  Dialogue d(kPipelining);
  d.add("a@x");
  d.add("b@x");
  d.start();
  d.play({{envelope("a@x"), "250 m\r\n550 r\r\n503 d\r\n"},
          {"RSET\r\n" + envelope("b@x"), "500 what\r\n503 m\r\n"}});
  EXPECT_EQ(d.outcomes[1].verdict, Verdict::kUntried);
}

TEST(SessionTrouble, TheLimitIsThatOfTheAnswerAwaited) {
  SessionOptions options;
  options.limits.mail = Millis{1};
  options.limits.rcpt = Millis{2};
  options.limits.data = Millis{3};
  options.limits.end_of_data = Millis{4};
  Dialogue d(kPipelining, options);
  d.add("a@x");
  d.start();
  d.step(d.session.on_written({}));
  const std::size_t before = d.session.replies();
  std::vector<std::int64_t> limits{d.session.time_limit().count()};
  d.step(d.session.on_bytes("25", {}));
  EXPECT_EQ(d.session.replies(), before) << "a piece of a reply grants no new time";
  for (const char* reply : {"0 m\r\n", "250 r\r\n", "354 d\r\n"}) {
    d.step(d.session.on_bytes(reply, {}));
    if (d.action == Session::Action::kWrite) d.step(d.session.on_written({}));
    limits.push_back(d.session.time_limit().count());
  }
  EXPECT_EQ(limits, (std::vector<std::int64_t>{1, 2, 3, 4}));
}

}  // namespace
}  // namespace hongyan::smtp::test
