#include "tests/unit/sink/conversation.h"

#include <gmock/gmock.h>

namespace hongyan::sink {
namespace {

using testing::StartsWith;
using Step = Protocol::Step;

TEST(SinkContent, DotsAreRemovedAndOnlyTheTrueEndEnds) {
  Conversation peer({}, {.keep_content = true});
  peer.envelope("li@x");
  peer.say("DATA\r\n");
  EXPECT_EQ(peer.say("Message-ID: <1@b>\r\n\r\n..one\r\n...\r\n\n.\nnot yet\r\n.\nnor now\r\n"),
            "");
  EXPECT_THAT(peer.say(".\r\n"), StartsWith("250"));
  ASSERT_EQ(peer.book->accepted().size(), 1U);
  const Accepted& got = peer.book->accepted()[0];
  EXPECT_EQ(got.recipient, "li@x");
  EXPECT_EQ(got.message_id, "<1@b>");
  EXPECT_EQ(got.content, "Message-ID: <1@b>\r\n\r\n.one\r\n..\r\n\n.\nnot yet\r\n\nnor now\r\n");
  EXPECT_EQ(got.bytes, got.content.size());
}

TEST(SinkContent, EmptyContentEndsAtOnce) {
  Conversation peer;
  peer.envelope("li@x");
  EXPECT_THAT(peer.say("DATA\r\n.\r\n"), testing::HasSubstr("354 go ahead\r\n250"));
}

TEST(SinkContent, ChunksAreCountedNotScanned) {
  Conversation peer({}, {.keep_content = true});
  peer.envelope("li@x");
  EXPECT_THAT(peer.say("BDAT 7\r\n\r\n.\r\n..BDAT 3 LAST\r\nend"),
              testing::AllOf(StartsWith("250 2.0.0 chunk ok\r\n"), testing::EndsWith("kept\r\n")));
  ASSERT_EQ(peer.book->accepted().size(), 1U);
  EXPECT_EQ(peer.book->accepted()[0].content, "\r\n.\r\n..end");
}

TEST(SinkContent, RefusedChunkIsStillRead) {
  Conversation peer;
  peer.envelope("bounce@x");
  EXPECT_THAT(peer.say("BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n"), StartsWith("554 5.5.1"));
  EXPECT_EQ(peer.step, Step::kRead);
  EXPECT_THAT(peer.say("RSET\r\nBDAT 2\r\nab"), testing::HasSubstr("503"));
  EXPECT_THAT(peer.say("MAIL FROM:<a@b>\r\n"), StartsWith("250"));
}

TEST(SinkContent, ContentScriptAnswersAfterTheEnd) {
  Conversation peer;
  EXPECT_THAT(peer.envelope("content-554-5.7.1@x"), StartsWith("250"));
  EXPECT_THAT(peer.say("DATA\r\n"), StartsWith("354"));
  EXPECT_THAT(peer.say("x\r\n.\r\n"), StartsWith("554 5.7.1"));
  EXPECT_EQ(peer.statistics().messages, 0U);
  EXPECT_EQ(peer.statistics().content_bounced, 1U);
  EXPECT_THAT(peer.say("MAIL FROM:<a@b>\r\n"), StartsWith("250"));
}

TEST(SinkContent, DroppedContentIsNotKeptAndLostContentIs) {
  Conversation peer;
  peer.envelope("drop-content-1@x");
  EXPECT_EQ(peer.say("DATA\r\n").substr(0, 3), "354");
  EXPECT_EQ(peer.say("x\r\n.\r\n"), "");
  EXPECT_EQ(peer.step, Step::kClose);
  EXPECT_EQ(peer.statistics().messages, 0U);
  peer.open();
  peer.envelope("drop-content-1@x");
  EXPECT_THAT(peer.say("DATA\r\nx\r\n.\r\n"), testing::HasSubstr("kept"));
  peer.open();
  peer.envelope("lost-content@x");
  EXPECT_EQ(peer.say("BDAT 1 LAST\r\nx"), "");
  EXPECT_EQ(peer.step, Step::kClose);
  EXPECT_EQ(peer.statistics().messages, 2U);
  EXPECT_EQ(peer.statistics().lost, 1U);
  EXPECT_EQ(peer.statistics().content_unanswered, 2U);
}

TEST(SinkContent, DataScriptComesInsteadOf354) {
  for (const char* command : {"DATA\r\n", "BDAT 1 LAST\r\nx"}) {
    Conversation peer;
    peer.envelope("drop-data@x");
    EXPECT_EQ(peer.say(command), "") << command;
    EXPECT_EQ(peer.step, Step::kClose) << command;
  }
}

TEST(SinkContent, TooLargeIsRefusedAndNotHeld) {
  Profile profile;
  profile.limits.message_bytes = 1000;
  Conversation peer(profile, {.keep_content = true});
  peer.envelope("li@x");
  peer.say("DATA\r\n");
  peer.say(std::string(5000, 'x'));
  EXPECT_THAT(peer.say("\r\n.\r\n"), StartsWith("552 5.3.4"));
  EXPECT_EQ(peer.statistics().messages, 0U);
}

TEST(SinkContent, DuplicatesAreCounted) {
  Conversation peer;
  const auto send = [&](const char* recipient, const char* id) {
    peer.envelope(recipient);
    peer.say("DATA\r\nMessage-ID: " + std::string(id) + "\r\n\r\n.\r\n");
  };
  send("li@x", "<1@b>");
  send("wu@x", "<1@b>");
  EXPECT_EQ(peer.statistics().duplicate_recipients, 0U);
  send("li@x", "<2@b>");
  send("li@x", "<2@b>");
  EXPECT_EQ(peer.statistics().distinct_recipients, 2U);
  EXPECT_EQ(peer.statistics().duplicate_recipients, 1U);
  EXPECT_EQ(peer.statistics().repeated_messages, 1U);
}

TEST(SinkContent, MemoryOfTheBookIsBounded) {
  Conversation peer({}, {.keep_records = 2, .remember_recipients = 3});
  for (int i = 0; i < 5; ++i) {
    peer.envelope("user" + std::to_string(i) + "@x");
    peer.say("DATA\r\nMessage-ID: <1@b>\r\n\r\n.\r\n");
  }
  EXPECT_EQ(peer.book->accepted().size(), 2U);
  EXPECT_EQ(peer.statistics().messages, 5U);
  EXPECT_EQ(peer.statistics().distinct_recipients, 3U);
  EXPECT_TRUE(peer.statistics().forgetful);
}

}  // namespace
}  // namespace hongyan::sink
