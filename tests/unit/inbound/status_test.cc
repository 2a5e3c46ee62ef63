#include "tests/unit/inbound/mails.h"

#include <gtest/gtest.h>

namespace hongyan::inbound {
namespace {

constexpr std::string_view kGone =
    "Final-Recipient: rfc822; li@shop.example\n"
    "Action: failed\n"
    "Status: 5.1.1\n"
    "Diagnostic-Code: smtp; 550 5.1.1 No such user here\n";

TEST(DeliveryStatus, TellsRecipientReasonAndMessage) {
  const Reading reading = read_mail(status_report(kGone), "bounces+tag@mta.example");
  ASSERT_EQ(summary(reading), "bounce li@shop.example 5.1.1 bad-mailbox");
  EXPECT_EQ(reading.reports[0].reply, "550 5.1.1 No such user here");
  EXPECT_EQ(reading.reports[0].message_id, "j1.7@mta.example");
  EXPECT_TRUE(reading.reports[0].suppress);
  EXPECT_EQ(reading.arrived_for, "bounces+tag@mta.example");
}

TEST(DeliveryStatus, LineEndsOfTheWireChangeNothing) {
  std::string mail;
  for (const char c : status_report(kGone))
    mail += c == '\n' ? std::string("\r\n") : std::string{c};
  EXPECT_EQ(summary(mail), "bounce li@shop.example 5.1.1 bad-mailbox");
}

TEST(DeliveryStatus, EachRecipientHasItsOwn) {
  EXPECT_EQ(summary(status_report("Final-Recipient: rfc822; a@shop.example\n"
                                  "Action: failed\nStatus: 5.2.2\n"
                                  "Diagnostic-Code: smtp; 552 5.2.2 Mailbox full\n"
                                  "\n"
                                  "Final-Recipient: rfc822; b@shop.example\n"
                                  "Action: delivered\nStatus: 2.0.0\n"
                                  "\n"
                                  "Final-Recipient: rfc822; c@shop.example\n"
                                  "Action: delayed\nStatus: 4.4.1\n"
                                  "Diagnostic-Code: smtp; connect to mx: Connection timed out\n")),
            "bounce a@shop.example 5.2.2 full\n"
            "delivered b@shop.example 2.0.0 other\n"
            "delay c@shop.example 4.4.1 network-or-expired");
}

TEST(DeliveryStatus, ADelayNeverSuppresses) {
  const Reading reading = read_mail(
      status_report("Final-Recipient: rfc822; li@shop.example\nAction: delayed\n"
                    "Status: 4.1.1\nDiagnostic-Code: smtp; 550 5.1.1 No such user here\n"));
  EXPECT_EQ(reading.reports[0].kind, Kind::kDelay);
  EXPECT_FALSE(reading.reports[0].suppress);
}

TEST(DeliveryStatus, TheReceiversStatusCountsForMoreThanTheMailers) {
  EXPECT_EQ(summary(status_report("Final-Recipient: rfc822; li@shop.example\nAction: failed\n"
                                  "Status: 5.0.0\n"
                                  "Diagnostic-Code: smtp; 550 5.1.1 No such user here\n")),
            "bounce li@shop.example 5.1.1 bad-mailbox");
}

TEST(DeliveryStatus, ForwardedRecipientsAreToldWithTheOneThatWasMeant) {
  const Reading reading =
      read_mail(status_report("Original-Recipient: rfc822; li@shop.example\n" +
                              std::string("Final-Recipient: rfc822; x@y.example\n"
                                          "Action: failed\nStatus: 5.1.1\n")));
  EXPECT_EQ(reading.reports[0].recipient, "x@y.example");
  EXPECT_EQ(reading.reports[0].original_recipient, "li@shop.example");
}

TEST(DeliveryStatus, ALocalUserIsWhomTheMessageWasSentTo) {
  EXPECT_EQ(summary(status_report("Final-Recipient: x-local; li\nAction: failed\nStatus: 5.1.1\n")),
            "bounce li@shop.example 5.1.1 bad-mailbox");
}

TEST(DeliveryStatus, InternationalReportsAreRead) {
  std::string mail = status_report(
      "Final-Recipient: utf-8; \\x{5F20}\\x{4E09}@shop.example\nAction: failed\nStatus: 5.1.1\n");
  const std::string_view type = "message/delivery-status";
  mail.replace(mail.find(type), type.size(), "message/global-delivery-status");
  EXPECT_EQ(summary(mail), "bounce 张三@shop.example 5.1.1 bad-mailbox");
}

TEST(DeliveryStatus, FieldsMayBeCodedInBase64) {
  std::string mail = status_report("");
  const std::string_view head =
      "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n";
  mail.replace(mail.find(head), head.size(),
               "Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n"
               "RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGxpQHNob3AuZXhhbXBsZQpBY3Rpb246IGZhaWxlZApT\n"
               "dGF0dXM6IDUuMS4xCg==\n");
  EXPECT_EQ(summary(mail), "bounce li@shop.example 5.1.1 bad-mailbox");
}

TEST(DeliveryStatus, OneThatSomebodyForwardsCountsToo) {
  const std::string inner = status_report(kGone);
  EXPECT_EQ(summary("From: op@shop.example\nTo: bounces@mta.example\nSubject: FYI\n"
                    "Content-Type: multipart/mixed; boundary=out\n\n"
                    "--out\nContent-Type: text/plain\n\nPlease look.\n"
                    "--out\nContent-Type: message/rfc822\n\n" +
                    inner + "\n--out--\n"),
            "bounce li@shop.example 5.1.1 bad-mailbox");
  EXPECT_EQ(summary("From: op@shop.example\nTo: bounces@mta.example\nSubject: Fwd: what is this\n\n"
                    "Begin forwarded message:\n\n"
                    "> Subject: Returned mail\n"
                    "> Final-Recipient: rfc822; li@shop.example\n"
                    "> Action: failed\n"
                    "> Status: 5.1.1\n"
                    "> Diagnostic-Code: smtp; 550 5.1.1 No such user here\n"),
            "bounce li@shop.example 5.1.1 bad-mailbox");
}

TEST(DeliveryStatus, AReportInTheReturnedMessageIsNotThisOne) {
  std::string mail = status_report(kGone);
  const std::string_view hello = "\nHello\n";
  mail.replace(mail.find(hello), hello.size(),
               "Content-Type: message/delivery-status\n\n"
               "Final-Recipient: rfc822; other@shop.example\nAction: failed\nStatus: 5.1.1\n");
  EXPECT_EQ(summary(mail), "bounce li@shop.example 5.1.1 bad-mailbox");
}

TEST(DeliveryStatus, AProgramBehindTheMailboxIsNoReasonToSuppress) {
  const Reading reading = read_mail(
      status_report("Final-Recipient: rfc822; li@shop.example\nAction: failed\nStatus: 5.2.0\n"
                    "Diagnostic-Code: x-unix; Lock failure on \"/var/mail/li/mailbox.lock\"\n"));
  EXPECT_EQ(summary(reading), "bounce li@shop.example 5.2.0 remote-system");
  EXPECT_FALSE(reading.reports[0].suppress);
}

}  // namespace
}  // namespace hongyan::inbound
