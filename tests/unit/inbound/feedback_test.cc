#include "tests/unit/inbound/mails.h"

#include <gtest/gtest.h>

namespace hongyan::inbound {
namespace {

std::string feedback(std::string_view fields) {
  std::string mail =
      "From: feedback@mx.example\nTo: fbl@mta.example\nSubject: FW: Spring\n"
      "Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"
      "--b\nContent-Type: text/plain\n\nThis is an email abuse report.\n"
      "--b\nContent-Type: message/feedback-report\n\n";
  mail.append(fields).append(
      "\n--b\nContent-Type: message/rfc822\n\n"
      "From: news@shop.example\nTo: li@example.cn\nMessage-ID: "
      "<j1.7@mta.example>\n\nHello\n--b--\n");
  return mail;
}

TEST(Feedback, AbuseIsAComplaint) {
  const Reading reading = read_mail(feedback(
      "Feedback-Type: abuse\nUser-Agent: X/1\nVersion: 1\nOriginal-Rcpt-To: <li@x.example>\n"));
  EXPECT_EQ(summary(reading), "complaint li@x.example  other");
  EXPECT_EQ(reading.reports[0].message_id, "j1.7@mta.example");
}

TEST(Feedback, ARecipientThatIsHiddenIsTheOneThatWasSentTo) {
  EXPECT_EQ(summary(feedback("Feedback-Type: abuse\nOriginal-Rcpt-To: redacted@x.example\n")),
            "complaint li@example.cn  other");
}

TEST(Feedback, OtherTypesAreOtherKinds) {
  EXPECT_EQ(read_mail(feedback("Feedback-Type: not-spam\n")).reports[0].kind, Kind::kOther);
  EXPECT_EQ(read_mail(feedback("Feedback-Type: auth-failure\n")).reports[0].kind, Kind::kOther);
  EXPECT_EQ(read_mail(feedback("Feedback-Type: opt-out\n")).reports[0].kind, Kind::kUnsubscribe);
}

TEST(Feedback, OfMicrosoftHasAFormOfItsOwn) {
  EXPECT_EQ(summary("From: <staff@hotmail.com>\nTo: fbl@mta.example\n"
                    "Subject: complaint about message from 192.0.2.7\n"
                    "Content-Type: multipart/mixed; boundary=b\n\n"
                    "--b\nContent-Type: message/rfc822\n\n"
                    "X-HmXmrOriginalRecipient: <li@outlook.example>\n"
                    "From: news@shop.example\nSubject: Spring\n\nHello\n--b--\n"),
            "complaint li@outlook.example  other");
}

}  // namespace
}  // namespace hongyan::inbound
