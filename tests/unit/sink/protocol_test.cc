#include "sink/protocol.h"

#include "tests/unit/sink/conversation.h"

#include <gmock/gmock.h>

namespace hongyan::sink {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using Step = Protocol::Step;

TEST(SinkProtocol, EhloListsWhatIsOffered) {
  Conversation peer;
  const auto all = peer.say("EHLO me\r\n");
  for (const char* name : {"250-PIPELINING\r\n", "250-SIZE 52428800\r\n", "250-8BITMIME\r\n",
                           "250-SMTPUTF8\r\n", "250-ENHANCEDSTATUSCODES\r\n", "250-STARTTLS\r\n",
                           "250-AUTH PLAIN LOGIN\r\n", "250 CHUNKING\r\n"})
    EXPECT_THAT(all, HasSubstr(name));
  EXPECT_EQ(peer.say("HELO me\r\n"), "250 sink.hongyan.test\r\n");
}

TEST(SinkProtocol, OneReadIsAnsweredInOrderInOneGo) {
  Conversation peer;
  const auto replies = peer.say(
      "EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<li@x>\r\nDATA\r\nMessage-ID: <1@b>\r\n\r\nhi\r\n.\r\n"
      "MAIL FROM:<a@b>\r\nRCPT TO:<bounce@x>\r\nDATA\r\nRSET\r\nQUIT\r\n");
  EXPECT_THAT(replies, HasSubstr("250 CHUNKING\r\n"
                                 "250 2.1.0 sender ok\r\n250 2.1.5 recipient ok\r\n354 go ahead\r\n"
                                 "250 2.0.0 kept\r\n250 2.1.0 sender ok\r\n550 5.1.1 <bounce@x>"));
  EXPECT_THAT(replies, HasSubstr("554 5.5.1 no recipient was accepted\r\n250 2.0.0 reset\r\n221"));
  EXPECT_EQ(peer.step, Step::kClose);
  EXPECT_EQ(peer.statistics().messages, 1U);
  EXPECT_EQ(peer.statistics().bounced, 1U);
}

TEST(SinkProtocol, ByteByByteIsTheSameConversation) {
  const std::string all =
      "EHLO me\r\nMAIL FROM:<a@b> SIZE=20\r\nRCPT TO:<li@x>\r\nDATA\r\nMessage-ID: <1@b>\r\n\r\n"
      "..\r\n.dot\r\nx\r\r\n.\r\nMAIL FROM:<a@b>\r\nRCPT TO:<wu@x>\r\nBDAT 5\r\nhelloBDAT 0 "
      "LAST\r\n"
      "QUIT\r\n";
  Conversation whole({}, {.keep_content = true});
  Conversation bytes({}, {.keep_content = true});
  EXPECT_EQ(whole.say(all), bytes.dribble(all));
  ASSERT_EQ(whole.book->accepted().size(), 2U);
  ASSERT_EQ(bytes.book->accepted().size(), 2U);
  for (std::size_t i = 0; i < 2; ++i)
    EXPECT_EQ(whole.book->accepted()[i].content, bytes.book->accepted()[i].content);
}

TEST(SinkProtocol, OrderOfCommandsIsEnforced) {
  Conversation peer;
  EXPECT_THAT(peer.say("MAIL FROM:<a@b>\r\n"), StartsWith("503"));
  peer.say("EHLO me\r\n");
  EXPECT_THAT(peer.say("RCPT TO:<a@b>\r\n"), StartsWith("503"));
  EXPECT_THAT(peer.say("DATA\r\n"), StartsWith("503"));
  EXPECT_THAT(peer.say("MAIL FROM:<a@b>\r\nMAIL FROM:<a@b>\r\n"), HasSubstr("\r\n503"));
  EXPECT_THAT(peer.say("RCPT TO:a@b\r\n"), StartsWith("501"));
  EXPECT_THAT(peer.say("FROB\r\n"), StartsWith("500"));
  EXPECT_EQ(peer.statistics().protocol_faults, 6U);
}

TEST(SinkProtocol, ParametersAreHeldToWhatIsOffered) {
  Profile profile;
  profile.limits.message_bytes = 100;
  Conversation peer(profile);
  peer.say("EHLO me\r\n");
  EXPECT_THAT(peer.say("MAIL FROM:<a@b> SIZE=101\r\n"), StartsWith("552 5.3.4"));
  EXPECT_THAT(peer.say("MAIL FROM:<a@b> FROB=1\r\n"), StartsWith("555"));
  EXPECT_THAT(peer.say("MAIL FROM:<a@b> SIZE=100 BODY=8BITMIME\r\n"), StartsWith("250"));
  EXPECT_THAT(peer.say("RCPT TO:<李@x>\r\n"), StartsWith("553 5.6.7"));
  peer.say("RSET\r\nMAIL FROM:<a@b> SMTPUTF8\r\n");
  EXPECT_THAT(peer.say("RCPT TO:<李@x>\r\n"), StartsWith("250"));
}

TEST(SinkProtocol, EndlessLineIsSkippedInBoundedMemory) {
  Conversation peer;
  const std::string filler(10'000, 'x');
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(peer.say(filler), "");
    EXPECT_LE(peer.held.size(), 20'000U);
  }
  EXPECT_THAT(peer.say("\r\n"), StartsWith("500"));
  EXPECT_THAT(peer.say("NOOP\r\n"), StartsWith("250"));
}

TEST(SinkProtocol, DeferredAddressIsAcceptedAfterItsCount) {
  Conversation peer;
  peer.say("EHLO me\r\nMAIL FROM:<a@b>\r\n");
  const char* rcpt = "RCPT TO:<defer-451-4.7.1-2+9@x>\r\n";
  EXPECT_THAT(peer.say(rcpt), StartsWith("451 4.7.1"));
  EXPECT_THAT(peer.say(rcpt), StartsWith("451 4.7.1"));
  EXPECT_THAT(peer.say(rcpt), StartsWith("250"));
  EXPECT_THAT(peer.say("RCPT TO:<defer-451-4.7.1-2+8@x>\r\n"), StartsWith("451"));
  EXPECT_EQ(peer.statistics().deferred, 3U);
}

TEST(SinkProtocol, ScriptsEndTheConversationAsTheySay) {
  const std::pair<const char*, Step> cases[] = {{"drop-rcpt@x", Step::kClose},
                                                {"stall-rcpt@x", Step::kStall},
                                                {"endless-rcpt@x", Step::kEndless}};
  for (const auto& [address, step] : cases) {
    Conversation peer;
    EXPECT_EQ(peer.envelope(address), "") << address;
    EXPECT_EQ(peer.step, step) << address;
  }
  Conversation busy;
  EXPECT_THAT(busy.envelope("defer-421-4.7.0@x"), StartsWith("421 4.7.0"));
  EXPECT_EQ(busy.step, Step::kClose);
  Conversation garbled;
  EXPECT_THAT(garbled.envelope("garble-rcpt@x"), Not(testing::AnyOf(StartsWith("250"), "")));
}

TEST(SinkProtocol, ConnectionMeetsItsOwnScript) {
  Profile profile;
  profile.connections = {{*parse_script("refuse-banner-421-4.3.2"), 1.0}};
  Conversation peer(profile);
  EXPECT_THAT(peer.open(), StartsWith("421 4.3.2"));
  EXPECT_EQ(peer.step, Step::kClose);
  profile.connections = {{*parse_script("drop-helo"), 1.0}};
  Conversation dropped(profile);
  EXPECT_EQ(dropped.say("EHLO me\r\n"), "");
  EXPECT_EQ(dropped.step, Step::kClose);
}

TEST(SinkProtocol, LimitsAnswerInTheStyleOfTheProvider) {
  Profile profile;
  profile.style = "netease";
  profile.limits = {.connections = 1,
                    .messages_per_connection = 2,
                    .recipients_per_message = 1,
                    .messages_per_second = 1,
                    .burst = 1};
  Conversation peer(profile);
  peer.gate.open = 2;
  EXPECT_THAT(peer.open(), StartsWith("421 HL:ICC"));
  EXPECT_EQ(peer.step, Step::kClose);
  peer.gate.open = 1;
  peer.open();
  EXPECT_THAT(peer.envelope("li@x"), StartsWith("250"));
  EXPECT_THAT(peer.say("RCPT TO:<wu@x>\r\n"), StartsWith("450 RP:DRC"));
  EXPECT_THAT(peer.say("RSET\r\nMAIL FROM:<a@b>\r\n"), HasSubstr("451 MI:SFQ"));
  peer.clock.advance(std::chrono::seconds(1));
  EXPECT_THAT(peer.say("MAIL FROM:<a@b>\r\n"), StartsWith("250"));
  EXPECT_THAT(peer.say("RSET\r\nMAIL FROM:<a@b>\r\n"), HasSubstr("450 MI:DMC"));
  EXPECT_EQ(peer.statistics().limited, 4U);
}

TEST(SinkProtocol, LogInIsJudgedWhenAUserIsSet) {
  Profile profile;
  profile.user = "user";
  profile.password = "pw";
  Conversation peer(profile);
  peer.say("EHLO me\r\n");
  EXPECT_THAT(peer.say("MAIL FROM:<a@b>\r\n"), StartsWith("530"));
  EXPECT_THAT(peer.say("AUTH PLAIN AHVzZXIAbm8=\r\n"), StartsWith("535"));
  EXPECT_THAT(peer.say("AUTH LOGIN\r\n*\r\n"), HasSubstr("\r\n501"));
  EXPECT_EQ(peer.say("AUTH LOGIN\r\ndXNlcg==\r\ncHc=\r\n"),
            "334 VXNlcm5hbWU6\r\n334 UGFzc3dvcmQ6\r\n235 2.7.0 welcome\r\n");
  EXPECT_THAT(peer.say("MAIL FROM:<a@b>\r\n"), StartsWith("250"));
  peer.open();
  EXPECT_THAT(peer.say("EHLO me\r\nAUTH PLAIN\r\nAHVzZXIAcHc=\r\n"), HasSubstr("334 \r\n235"));
}

TEST(SinkProtocol, TlsForgetsWhatWasSaidBefore) {
  Conversation peer;
  EXPECT_THAT(peer.say("EHLO me\r\nSTARTTLS\r\nMAIL FROM:<evil@b>\r\n"), HasSubstr("\r\n220"));
  EXPECT_EQ(peer.step, Step::kStartTls);
  EXPECT_EQ(peer.held, "MAIL FROM:<evil@b>\r\n");  // left to the driver, which throws it away
  peer.held.clear();
  peer.machine->tls_started();
  EXPECT_THAT(peer.say("MAIL FROM:<a@b>\r\n"), StartsWith("503"));
  EXPECT_THAT(peer.say("EHLO me\r\n"), Not(HasSubstr("STARTTLS")));
}

TEST(SinkProtocol, EnhancedCodesAreLeftOutWhenNotOffered) {
  Profile profile;
  profile.offers.enhanced_codes = false;
  Conversation peer(profile);
  peer.say("EHLO me\r\n");
  EXPECT_EQ(peer.say("MAIL FROM:<a@b>\r\n"), "250 sender ok\r\n");
  EXPECT_THAT(peer.say("RCPT TO:<bounce@x>\r\n"), StartsWith("550 <bounce@x>"));
}

}  // namespace
}  // namespace hongyan::sink
