// Dialogues with servers that keep to the protocol.
#include "engine/smtp/session.h"

#include "tests/unit/smtp/dialogue.h"

namespace hongyan::smtp::test {
namespace {

TEST(Session, ContentAndTheNextEnvelopeGoInOneWrite) {
  Dialogue d(kPipelining);
  for (const char* rcpt : {"a@x", "b@x", "c@x"}) d.add(rcpt);
  d.start();
  d.play({{envelope("a@x"), kEnvelopeAccepted},
          {kContent + envelope("b@x"), "250 2.0.0 A\r\n" + kEnvelopeAccepted},
          {kContent + envelope("c@x"), "250 2.0.0 B\r\n" + kEnvelopeAccepted},
          {kContent, "250 2.0.0 C\r\n"},
          kQuit});
  EXPECT_EQ(d.order, (std::vector<std::string>{"a@x", "b@x", "c@x"}));
  for (const auto& outcome : d.outcomes) {
    EXPECT_EQ(outcome.verdict, Verdict::kDelivered);
    EXPECT_EQ(outcome.stage, Stage::kContent);
  }
  EXPECT_EQ(d.outcomes[1].reply.text, "B");
  EXPECT_EQ(d.marks, 3);
  EXPECT_EQ(d.session.end().messages, 3);
  EXPECT_EQ(d.session.end().why, ConnectionEnd::Why::kDone);
}

TEST(Session, RepliesCutAnywhereMeanTheSame) {
  const std::string replies = "250 A\r\n" + kEnvelopeAccepted;
  for (std::size_t cut = 1; cut < replies.size(); ++cut) {
    Dialogue d(kPipelining);
    d.add("a@x");
    d.add("b@x");
    d.start();
    d.play({{envelope("a@x"), kEnvelopeAccepted},
            {kContent + envelope("b@x"), replies.substr(0, cut)},
            {"", replies.substr(cut)},
            {kContent, "550 5.7.1 B\r\n"},
            kQuit});
    ASSERT_EQ(d.outcomes.size(), 2u);
    EXPECT_EQ(d.outcomes[0].verdict, Verdict::kDelivered);
    EXPECT_EQ(d.outcomes[1].verdict, Verdict::kBounced);
  }
}

TEST(Session, AnOutcomeMayBeSettledBeforeTheNextEnvelopeIsAnswered) {
  for (const bool early : {true, false}) {
    Dialogue d(kPipelining);
    d.settle_early = early;
    d.add("a@x");
    d.add("b@x");
    d.start();
    d.play({{envelope("a@x"), kEnvelopeAccepted},
            {kContent + envelope("b@x"), "250 A\r\n"},
            {"", kEnvelopeAccepted.substr(0, 7)},
            {"", kEnvelopeAccepted.substr(7)},
            {kContent, "250 B\r\n"},
            kQuit});
    EXPECT_EQ(d.order, (std::vector<std::string>{"a@x", "b@x"}));
    EXPECT_EQ(d.early_commits, early ? 1 : 0);
    EXPECT_EQ(d.marks, 2);
  }
}

TEST(Session, WhatWasSettledEarlyIsOutOfTheReachOfWhatFollows) {
  for (const char* trouble :
       {"(close)", "(timeout)", "421 4.3.2 going\r\n", "250 m\r\n999 x\r\n"}) {
    Dialogue d(kPipelining);
    d.settle_early = true;
    d.add("a@x");
    d.add("b@x");
    d.start();
    d.play({{envelope("a@x"), kEnvelopeAccepted},
            {kContent + envelope("b@x"), "250 A\r\n"},
            {"", trouble}});
    ASSERT_EQ(d.outcomes.size(), 2u) << trouble;
    EXPECT_EQ(d.outcomes[0].verdict, Verdict::kDelivered);
    EXPECT_EQ(d.outcomes[1].verdict, Verdict::kUntried) << trouble;
    EXPECT_EQ(d.marks, 1);
  }
}

TEST(Session, WithoutPipeliningOneCommandAtATime) {
  Dialogue d(Capabilities{});
  d.add("a@x");
  d.add("b@x");
  d.start();
  d.play({{"MAIL FROM:<f@x>\r\n", "250 ok\r\n"},
          {"RCPT TO:<a@x>\r\n", "550 5.1.1 no\r\n"},
          {"RSET\r\n", "250 ok\r\n"},
          {"MAIL FROM:<f@x>\r\n", "250 ok\r\n"},
          {"RCPT TO:<b@x>\r\n", "250 ok\r\n"},
          {"DATA\r\n", "354 go\r\n"},
          {kContent, "250 ok\r\n"},
          kQuit});
  EXPECT_EQ(d.outcomes[0].verdict, Verdict::kBounced);
  EXPECT_EQ(d.outcomes[0].stage, Stage::kRcpt);
  EXPECT_EQ(d.outcomes[0].reply.enhanced, "5.1.1");
  EXPECT_EQ(d.outcomes[1].verdict, Verdict::kDelivered);
}

TEST(Session, ChunkingNeedsNoDataAndOverlapsTheNextEnvelope) {
  Dialogue d(kChunking);
  d.add("a@x");
  d.add("b@x");
  d.start();
  d.play(
      {{"MAIL FROM:<f@x>\r\nRCPT TO:<a@x>\r\n", "250 m\r\n250 r\r\n"},
       {"BDAT 4 LAST\r\nhi\r\nMAIL FROM:<f@x>\r\nRCPT TO:<b@x>\r\n", "250 A\r\n250 m\r\n250 r\r\n"},
       {"BDAT 4 LAST\r\nhi\r\n", "250 B\r\n"},
       kQuit});
  ASSERT_EQ(d.outcomes.size(), 2u);
  EXPECT_EQ(d.outcomes[1].reply.text, "B");
}

TEST(Session, APipelinedEnvelopeThatIsRefusedIsJudgedOnItsOwn) {
  struct Row {
    std::string replies;  // to MAIL, RCPT, DATA of b
    Verdict verdict;
    Stage stage;
    bool rset;
  };
  for (const Row& row : std::vector<Row>{
           {"250 m\r\n550 5.1.1 r\r\n503 d\r\n", Verdict::kBounced, Stage::kRcpt, true},
           {"250 m\r\n450 4.2.1 r\r\n554 d\r\n", Verdict::kDeferred, Stage::kRcpt, true},
           {"550 m\r\n503 r\r\n503 d\r\n", Verdict::kBounced, Stage::kMail, false},
           {"451 m\r\n503 r\r\n503 d\r\n", Verdict::kDeferred, Stage::kMail, false},
           {"250 m\r\n250 r\r\n452 d\r\n", Verdict::kDeferred, Stage::kData, true},
           {"250 m\r\n250 r\r\n550 d\r\n", Verdict::kBounced, Stage::kData, true}}) {
    Dialogue d(kPipelining);
    for (const char* rcpt : {"a@x", "b@x", "c@x"}) d.add(rcpt);
    d.start();
    d.play({{envelope("a@x"), kEnvelopeAccepted},
            {kContent + envelope("b@x"), "250 A\r\n" + row.replies},
            {(row.rset ? "RSET\r\n" : "") + envelope("c@x"),
             (row.rset ? "250 rset\r\n" : "") + kEnvelopeAccepted},
            {kContent, "250 C\r\n"},
            kQuit});
    ASSERT_EQ(d.outcomes.size(), 3u) << row.replies;
    EXPECT_EQ(d.order, (std::vector<std::string>{"a@x", "b@x", "c@x"}));
    EXPECT_EQ(d.outcomes[0].verdict, Verdict::kDelivered);
    EXPECT_EQ(d.outcomes[1].verdict, row.verdict) << row.replies;
    EXPECT_EQ(d.outcomes[1].stage, row.stage) << row.replies;
    EXPECT_EQ(d.outcomes[2].verdict, Verdict::kDelivered);
    EXPECT_EQ(d.marks, 2);
  }
}

TEST(Session, DataAcceptedForNobodyIsEndedByALoneDot) {
  Dialogue d(kPipelining);
  d.add("a@x");
  d.add("b@x");
  d.start();
  d.play({{envelope("a@x"), "250 m\r\n550 r\r\n354 d\r\n"},
          {".\r\n", "554 no recipients\r\n"},
          {envelope("b@x"), kEnvelopeAccepted},
          {kContent, "250 B\r\n"},
          kQuit});
  EXPECT_EQ(d.outcomes[0].verdict, Verdict::kBounced);
  EXPECT_EQ(d.outcomes[1].verdict, Verdict::kDelivered);
  EXPECT_EQ(d.marks, 1);
}

TEST(Session, SeveralRecipientsAreJudgedOneByOne) {
  Dialogue d(kPipelining);
  d.add({"a@x", "b@x", "c@x"});
  d.start();
  d.play({{"MAIL FROM:<f@x>\r\nRCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\nRCPT TO:<c@x>\r\nDATA\r\n",
           "250 m\r\n250 a\r\n550 5.1.1 b\r\n450 c\r\n354 d\r\n"},
          {kContent, "250 ok\r\n"},
          kQuit});
  ASSERT_EQ(d.outcomes.size(), 3u);
  EXPECT_EQ(d.outcomes[0].verdict, Verdict::kDelivered);
  EXPECT_EQ(d.outcomes[1].verdict, Verdict::kBounced);
  EXPECT_EQ(d.outcomes[2].verdict, Verdict::kDeferred);
  EXPECT_EQ(d.outcomes[1].stage, Stage::kRcpt);
}

TEST(Session, WithoutLeaveEndOfDataIsNeverSent) {
  Dialogue d(kPipelining);
  FakeDelivery& a = d.add("a@x");
  d.add("b@x");
  d.refuse_leave = true;
  d.start();
  d.play({{envelope("a@x"), kEnvelopeAccepted}});  // and the connection is closed
  EXPECT_TRUE(d.outcomes.empty());
  EXPECT_EQ(a.rendered, 0);
  EXPECT_EQ(d.session.end().why, ConnectionEnd::Why::kLeaveRefused);
}

TEST(Session, WithoutLeaveAChunkIsNotSentAndTheTransactionIsReset) {
  Dialogue d(kChunking);
  FakeDelivery& a = d.add("a@x");
  d.add("b@x");
  d.refuse_leave = true;
  d.start();
  d.play({{"MAIL FROM:<f@x>\r\nRCPT TO:<a@x>\r\n", "250 m\r\n250 r\r\n"},
          {"RSET\r\nMAIL FROM:<f@x>\r\nRCPT TO:<b@x>\r\n", "250 r\r\n250 m\r\n250 r\r\n"},
          kQuit});
  EXPECT_EQ(a.rendered, 0);
  EXPECT_EQ(d.marks, 2);
}

TEST(Session, TheMessagesLimitEndsWithQuit) {
  SessionOptions options;
  options.messages_limit = 2;
  Dialogue d(kPipelining, options);
  for (const char* rcpt : {"a@x", "b@x", "c@x"}) d.add(rcpt);
  d.start();
  d.play({{envelope("a@x"), kEnvelopeAccepted},
          {kContent + envelope("b@x"), "250 A\r\n" + kEnvelopeAccepted},
          {kContent, "250 B\r\n"},
          kQuit});
  EXPECT_EQ(d.outcomes.size(), 2u);
  EXPECT_EQ(d.session.end().why, ConnectionEnd::Why::kMessagesLimit);
}

TEST(Session, ParametersGoOnlyToServersThatKnowThem) {
  Dialogue d(Capabilities{.pipelining = true,
                          .eight_bit_mime = true,
                          .smtputf8 = true,
                          .size = true,
                          .size_limit = 100});
  d.add("李@x");
  d.start();
  d.play({{"MAIL FROM:<f@x> SIZE=4 BODY=8BITMIME SMTPUTF8\r\nRCPT TO:<李@x>\r\nDATA\r\n",
           kEnvelopeAccepted},
          {kContent, "250 ok\r\n"},
          kQuit});
}

TEST(Session, WhatTheServerCannotTakeIsDecidedWithoutAskingIt) {
  struct Row {
    std::string rcpt;
    std::string text;
    std::string from;
    const char* enhanced;
  };
  for (const Row& row : std::vector<Row>{{"a@x", std::string(101, 'x'), "f@x", "5.3.4"},
                                         {"李@x", "hi\r\n", "f@x", "5.6.7"},
                                         {"a@x>\r\nDATA", "hi\r\n", "f@x", "5.1.3"},
                                         {"a@x> NOTIFY=NEVER", "hi\r\n", "f@x", "5.1.3"},
                                         {"a@x", "hi\r\n", "f@x>\r\nRSET", "5.1.7"}}) {
    Dialogue d(Capabilities{.pipelining = true, .size_limit = 100});
    d.add({row.rcpt}, row.text).from = row.from;
    d.add("b@x");
    d.start();
    d.play({{envelope("b@x"), kEnvelopeAccepted}, {kContent, "250 ok\r\n"}, kQuit});
    ASSERT_EQ(d.outcomes.size(), 2u);
    EXPECT_EQ(d.outcomes[0].verdict, Verdict::kBounced);
    EXPECT_EQ(d.outcomes[0].reply.enhanced, row.enhanced);
    EXPECT_FALSE(d.outcomes[0].cause.empty());
  }
}

TEST(Session, LeadingDotsAreDoubledForDataAndKeptForChunks) {
  const std::string text = ".a\r\nb.\r\n..\r\n.\r\n";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    Dialogue d(kPipelining);
    FakeDelivery& a = d.add({"a@x"}, text);
    a.dots = true;
    a.piece = piece;
    d.start();
    d.play({{envelope("a@x"), kEnvelopeAccepted},
            {"..a\r\nb.\r\n...\r\n..\r\n.\r\n", "250 ok\r\n"},
            kQuit});
  }
  Dialogue d(kChunking);
  d.add({"a@x"}, text).dots = true;
  d.start();
  d.play({{"MAIL FROM:<f@x>\r\nRCPT TO:<a@x>\r\n", "250 m\r\n250 r\r\n"},
          {"BDAT 15 LAST\r\n" + text, "250 ok\r\n"},
          kQuit});
}

}  // namespace
}  // namespace hongyan::smtp::test
