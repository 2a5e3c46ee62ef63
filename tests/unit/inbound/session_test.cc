#include "engine/inbound/session.h"

#include <gmock/gmock.h>

namespace hongyan::inbound {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
using Step = Session::Step;

// A session fed by hand; what it leaves unread is kept, as the server does.
struct Conversation {
  explicit Conversation(bool lmtp = false, std::uint64_t max_bytes = 1'000'000, bool tls = false)
      : options{"in.acme.example", lmtp, tls, max_bytes}, session(options, desk) {
    session.greet(greeting);
  }
  std::string say(std::string_view bytes) {
    held += bytes;
    std::string_view input = held;
    std::string out;
    step = session.feed(input, out);
    held = std::string(input);
    return out;
  }
  std::string answer(std::vector<std::string> replies) {
    std::string out;
    session.answer(replies, out);
    return out;
  }
  void envelope(const std::vector<std::string>& recipients) {
    say(options.lmtp ? "LHLO me\r\n" : "EHLO me\r\n");
    say("MAIL FROM:<>\r\n");
    for (const std::string& one : recipients) say("RCPT TO:<" + one + ">\r\n");
    say("DATA\r\n");
  }

  SessionOptions options;
  std::vector<std::string> notes;
  Desk desk{.admit =
                [](std::string_view address) {
                  if (address.starts_with("forged")) return Admission::kForged;
                  return address.starts_with("no") ? Admission::kUnknown : Admission::kTaken;
                },
            .note_refusal = [this](std::string_view reason) { notes.emplace_back(reason); }};
  Session session;
  std::string greeting;
  std::string held;
  Step step = Step::kRead;
};

TEST(InboundSession, TakesAMailAndAnswersWhenItIsStored) {
  Conversation peer;
  EXPECT_EQ(peer.greeting, "220 in.acme.example ESMTP Hongyan\r\n");
  const std::string hello = peer.say("EHLO me\r\n");
  EXPECT_THAT(hello, HasSubstr("250-PIPELINING\r\n"));
  EXPECT_THAT(hello, EndsWith("250 SIZE 1000000\r\n"));
  EXPECT_THAT(hello, testing::Not(HasSubstr("STARTTLS")));
  EXPECT_THAT(peer.say("MAIL FROM:<> BODY=8BITMIME SIZE=5\r\n"), StartsWith("250"));
  EXPECT_THAT(peer.say("RCPT TO:<a+b-c@acme.example>\r\n"), StartsWith("250"));
  EXPECT_THAT(peer.say("DATA\r\n"), StartsWith("354"));
  EXPECT_EQ(peer.say("Subject: x\r\n\r\n..one\r\n.\r\nQUIT\r\n"), "");
  ASSERT_EQ(peer.step, Step::kDeliver);
  EXPECT_EQ(peer.say(""), "");  // nothing more is read before the answer
  const ReceivedMail mail = peer.session.take_mail();
  EXPECT_THAT(mail.recipients, ElementsAre("a+b-c@acme.example"));
  EXPECT_EQ(mail.front, "Subject: x\r\n\r\n.one\r\n");
  EXPECT_EQ(mail.bytes, mail.front.size());
  EXPECT_EQ(peer.answer({"451 4.3.0 later"}), "451 4.3.0 later\r\n");
  EXPECT_THAT(peer.say(""), StartsWith("221"));
  EXPECT_EQ(peer.step, Step::kClose);
}

TEST(InboundSession, PipelinedCommandsAreAnsweredInOrder) {
  Conversation peer;
  EXPECT_EQ(peer.say("EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<no@x>\r\nRCPT TO:<yes@x>\r\nDATA\r\n")
                .substr(peer.say("").size()),
            "250-in.acme.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
            "250-ENHANCEDSTATUSCODES\r\n250 SIZE 1000000\r\n250 2.1.0 sender ok\r\n"
            "550 5.1.1 no such address here\r\n250 2.1.5 recipient ok\r\n354 go ahead\r\n");
  EXPECT_THAT(peer.notes, ElementsAre("unknown-recipient"));
}

TEST(InboundSession, ForgedAndUnknownLookTheSameOutside) {
  Conversation peer;
  peer.say("EHLO me\r\nMAIL FROM:<>\r\n");
  EXPECT_EQ(peer.say("RCPT TO:<forged@x>\r\n"), peer.say("RCPT TO:<no@x>\r\n"));
  EXPECT_THAT(peer.notes, ElementsAre("forged-tag", "unknown-recipient"));
  EXPECT_THAT(peer.say("DATA\r\n"), StartsWith("554 5.5.1"));
}

TEST(InboundSession, SourceRoutesAreTakenOff) {
  Conversation peer;
  peer.envelope({"@relay.example,@other.example:yes@x"});
  peer.say(".\r\n");
  EXPECT_THAT(peer.session.take_mail().recipients, ElementsAre("yes@x"));
}

TEST(InboundSession, LmtpAnswersForEachRecipient) {
  Conversation peer(true);
  EXPECT_EQ(peer.greeting, "220 in.acme.example LMTP Hongyan\r\n");
  EXPECT_THAT(peer.say("EHLO me\r\n"), StartsWith("500"));
  EXPECT_THAT(peer.say("LHLO me\r\n"), StartsWith("250-"));
  peer.say("MAIL FROM:<>\r\n");
  EXPECT_THAT(peer.say("DATA\r\n"), StartsWith("503"));
  peer.say("RCPT TO:<a@x>\r\nRCPT TO:<no@x>\r\nRCPT TO:<b@x>\r\nDATA\r\nx\r\n.\r\n");
  ASSERT_EQ(peer.step, Step::kDeliver);
  EXPECT_EQ(peer.session.take_mail().recipients.size(), 2U);
  EXPECT_EQ(peer.answer({"250 2.0.0 taken", "451 4.3.0 later"}),
            "250 2.0.0 taken\r\n451 4.3.0 later\r\n");
}

TEST(InboundSession, SmtpSaysLaterWhenOneRecipientIsNotStored) {
  const std::string taken = "250 2.0.0 taken";
  const std::string later = "451 4.3.0 later";
  const std::string refused = "550 5.7.1 no";
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{taken, later, refused}, later}, {{refused, taken}, taken}, {{refused, refused}, refused}};
  for (const auto& [replies, expected] : cases) {
    Conversation peer;
    peer.envelope({"a@x"});
    peer.say(".\r\n");
    EXPECT_EQ(peer.answer(replies), expected + "\r\n");
  }
}

TEST(InboundSession, OrderOfCommandsIsKept) {
  Conversation peer;
  EXPECT_THAT(peer.say("MAIL FROM:<a@b>\r\n"), StartsWith("503"));
  EXPECT_THAT(peer.say("LHLO me\r\n"), StartsWith("500"));
  EXPECT_THAT(peer.say("EHLO\r\n"), StartsWith("501"));
  EXPECT_THAT(peer.say("HELO me\r\n"), StartsWith("250 in.acme.example\r\n"));
  EXPECT_THAT(peer.say("RCPT TO:<a@b>\r\n"), StartsWith("503"));
  EXPECT_THAT(peer.say("DATA\r\n"), StartsWith("503"));
  EXPECT_THAT(peer.say("MAIL FROM:<a@b>\r\n"), StartsWith("250"));
  EXPECT_THAT(peer.say("MAIL FROM:<a@b>\r\n"), StartsWith("503"));
  EXPECT_THAT(peer.say("RSET\r\n"), StartsWith("250"));
  EXPECT_THAT(peer.say("MAIL FROM:a@b\r\n"), StartsWith("501"));
  EXPECT_THAT(peer.say("MAIL FROM:<a@b> AUTH=<>\r\n"), StartsWith("555"));
  EXPECT_THAT(peer.say("MAIL FROM:<a@b>\r\n"), StartsWith("250"));
  EXPECT_THAT(peer.say("RCPT TO:<>\r\n"), StartsWith("501"));
  EXPECT_THAT(peer.say("RCPT TO:<@relay.example:>\r\n"), StartsWith("501"));
  EXPECT_THAT(peer.say("RCPT TO:<a@b> NOTIFY=NEVER\r\n"), StartsWith("555"));
  EXPECT_THAT(peer.say("RCPT TO:<\xe6\x9d\x8e@b>\r\n"), StartsWith("553"));
  EXPECT_THAT(peer.say("RCPT TO:<" + std::string(400, 'a') + "@b>\r\n"), StartsWith("501"));
}

TEST(InboundSession, NothingSaidBeforeTheHandshakeSurvivesIt) {
  Conversation peer(false, 1'000'000, true);
  EXPECT_THAT(peer.say("EHLO me\r\n"), HasSubstr("250-STARTTLS\r\n"));
  peer.say("MAIL FROM:<a@b>\r\n");
  EXPECT_THAT(peer.say("STARTTLS\r\nRCPT TO:<a@x>\r\n"), StartsWith("220"));
  ASSERT_EQ(peer.step, Step::kStartTls);
  EXPECT_EQ(peer.held, "RCPT TO:<a@x>\r\n");  // the server drops it
  peer.held.clear();
  peer.session.tls_started();
  EXPECT_THAT(peer.say("RCPT TO:<a@x>\r\n"), StartsWith("503"));
  EXPECT_THAT(peer.say("EHLO me\r\n"), testing::Not(HasSubstr("STARTTLS")));
  EXPECT_THAT(peer.say("STARTTLS\r\n"), StartsWith("503"));
}

TEST(InboundSession, LargeMailIsRefusedAndItsFrontIsAllThatIsHeld) {
  Conversation peer(false, 1'000'000);
  EXPECT_THAT(peer.say("EHLO me\r\nMAIL FROM:<> SIZE=1000001\r\n"), HasSubstr("552 5.3.4"));
  peer.envelope({"a@x"});
  const std::string line(998, 'x');
  for (int i = 0; i < 990; ++i) peer.say(line + "\r\n");
  EXPECT_EQ(peer.say(".\r\n"), "");
  ASSERT_EQ(peer.step, Step::kDeliver);
  const ReceivedMail mail = peer.session.take_mail();
  EXPECT_EQ(mail.front.size(), mime::kMostRead);
  EXPECT_EQ(mail.bytes, 990'000U);
  peer.answer({"250 2.0.0 taken"});
  peer.say("MAIL FROM:<>\r\nRCPT TO:<a@x>\r\nDATA\r\n");
  for (int i = 0; i < 1001; ++i) peer.say(line + "\r\n");
  EXPECT_THAT(peer.say(".\r\nNOOP\r\n"), StartsWith("552 5.3.4 too large\r\n250"));
  EXPECT_THAT(peer.notes, ElementsAre("too-large", "too-large"));
}

TEST(InboundSession, RecipientsLinesAndFaultsAreBounded) {
  Conversation peer;
  peer.say("EHLO me\r\nMAIL FROM:<>\r\n");
  for (std::size_t i = 0; i < Session::kMostRecipients; ++i)
    EXPECT_THAT(peer.say("RCPT TO:<a@x>\r\n"), StartsWith("250"));
  EXPECT_THAT(peer.say("RCPT TO:<a@x>\r\n"), StartsWith("452 4.5.3"));
  peer.say(std::string(5000, 'x'));
  EXPECT_EQ(peer.held, "");
  EXPECT_THAT(peer.say("\r\n"), StartsWith("500 5.5.6"));
  std::string last;
  for (int i = 1; i < Session::kMostFaults; ++i) last = peer.say("WHAT\r\n");
  EXPECT_THAT(last, EndsWith("421 4.7.0 in.acme.example too many errors\r\n"));
  EXPECT_EQ(peer.step, Step::kClose);
}

TEST(InboundSession, WhoGuessesAddressesIsSentAway) {
  Conversation peer;
  peer.say("EHLO me\r\nMAIL FROM:<>\r\n");
  for (int i = 0; i < Session::kMostRefused; ++i) {
    ASSERT_EQ(peer.step, Step::kRead) << i;
    peer.say("RCPT TO:<no@x>\r\n");
  }
  EXPECT_EQ(peer.step, Step::kClose);
}

TEST(InboundSession, OnlyCommandsAndTheStartOfContentAreProgress) {
  Conversation peer;
  peer.say("EHLO me\r\n");
  const auto before = peer.session.progress();
  peer.say("NO");
  peer.say("OP");
  EXPECT_EQ(peer.session.progress(), before);
  peer.say("\r\n");
  EXPECT_GT(peer.session.progress(), before);
  peer.envelope({"a@x"});
  const auto content = peer.session.progress();
  EXPECT_TRUE(peer.session.in_content());
  peer.say("line\r\nline\r\n");
  EXPECT_EQ(peer.session.progress(), content);
}

}  // namespace
}  // namespace hongyan::inbound
