#include "tests/unit/inbound/mails.h"

#include <gtest/gtest.h>

namespace hongyan::inbound {
namespace {

constexpr std::string_view kReturned =
    "Return-Path: <bounces+tag@mta.example>\n"
    "Received: from mta.example (192.0.2.7) by mx.example; Mon, 5 Jan 2026 08:00:00 +0800\n"
    "From: Shop <news@shop.example>\n"
    "To: li@example.cn\n"
    "Subject: Spring\n"
    "Message-ID: <j1.7@mta.example>\n"
    "\n"
    "Hello, write to help@shop.example\n";

TEST(Notice, OfQmail) {
  const Reading reading = read_mail(
      notice("MAILER-DAEMON@mx.example", "failure notice",
             "Hi. This is the qmail-send program at mx.example.\n"
             "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
             "This is a permanent error; I've given up. Sorry it didn't work out.\n"
             "\n"
             "<li@example.cn>:\n"
             "192.0.2.1 does not like recipient.\n"
             "Remote host said: 550 5.1.1 No such user here\n"
             "Giving up on 192.0.2.1.\n"
             "\n"
             "<wang@example.cn>:\n"
             "User's mailbox is full: over quota. (#5.2.2)\n"
             "\n"
             "--- Below this line is a copy of the message.\n"
             "\n" +
                 std::string(kReturned)));
  EXPECT_EQ(summary(reading),
            "bounce li@example.cn 5.1.1 bad-mailbox\nbounce wang@example.cn 5.2.2 full");
  EXPECT_EQ(reading.reports[0].message_id, "j1.7@mta.example");
  EXPECT_EQ(reading.reports[0].reply, "550 5.1.1 No such user here");
}

TEST(Notice, OfExim) {
  EXPECT_EQ(
      summary(notice("Mail Delivery System <Mailer-Daemon@mx.example>",
                     "Mail delivery failed: returning message to sender",
                     "This message was created automatically by mail delivery software.\n"
                     "\n"
                     "A message that you sent could not be delivered to one or more of its\n"
                     "recipients. This is a permanent error. The following address(es) failed:\n"
                     "\n"
                     "  li@example.cn\n"
                     "    SMTP error from remote mail server after RCPT TO:<li@example.cn>:\n"
                     "    host mx.example.cn [192.0.2.9]: 550 User unknown\n"
                     "  wang@dead.example\n"
                     "    Unrouteable mail domain\n"
                     "\n"
                     "------ This is a copy of the message, including all the headers. ------\n"
                     "\n" +
                         std::string(kReturned))),
      "bounce li@example.cn  bad-mailbox\nbounce wang@dead.example  bad-domain");
}

TEST(Notice, WithTheFailedInAHeader) {
  std::string mail = notice("Mail Delivery Subsystem <mailer-daemon@mx.example>",
                            "Delivery Status Notification (Failure)",
                            "Delivery to the following recipient failed permanently:\n\n"
                            "     li@example.cn\n\n"
                            "Technical details of permanent failure:\n"
                            "The error that the other server returned was: 550 550 User unknown\n");
  mail.insert(0, "X-Failed-Recipients: li@example.cn\n");
  EXPECT_EQ(summary(mail), "bounce li@example.cn  bad-mailbox");
}

TEST(Notice, OfOldSendmail) {
  EXPECT_EQ(summary(notice("Mail Delivery Subsystem <MAILER-DAEMON@mx.example>",
                           "Returned mail: User unknown",
                           "   ----- The following addresses had permanent fatal errors -----\n"
                           "<li@example.cn>\n"
                           "\n"
                           "   ----- Transcript of session follows -----\n"
                           "... while talking to mx.example.cn:\n"
                           ">>> RCPT To:<li@example.cn>\n"
                           "<<< 550 5.1.1 <li@example.cn>... User unknown\n"
                           "550 <li@example.cn>... User unknown\n"
                           "\n"
                           "   ----- Unsent message follows -----\n" +
                               std::string(kReturned))),
            "bounce li@example.cn 5.1.1 bad-mailbox");
}

TEST(Notice, OfExchange) {
  EXPECT_EQ(summary(notice("postmaster@corp.example", "Undeliverable: Spring",
                           "Your message\n\n"
                           "  To:      li@example.cn\n"
                           "  Subject: Spring\n"
                           "  Sent:    Mon, 5 Jan 2026 08:00:00 +0800\n\n"
                           "did not reach the following recipient(s):\n\n"
                           "li@example.cn on Mon, 5 Jan 2026 08:00:01 +0800\n"
                           "    The recipient name is not recognized\n"
                           "wang@example.cn on Mon, 5 Jan 2026 08:00:01 +0800\n"
                           "    The recipient name is not recognized\n")),
            "bounce li@example.cn  bad-mailbox\nbounce wang@example.cn  bad-mailbox");
  EXPECT_EQ(
      summary(notice("Microsoft Outlook <MicrosoftExchange@corp.example>", "Undeliverable: Spring",
                     "Delivery has failed to these recipients or groups:\n\n"
                     "li@example.cn<mailto:li@example.cn>\n"
                     "The email address you entered couldn't be found.\n\n"
                     "For more help see DSN 5.1.10 Errors.\n\n"
                     "Diagnostic information for administrators:\n\n"
                     "li@example.cn\n"
                     "Remote Server returned '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found'\n"
                     "\nOriginal message headers:\n\n" +
                         std::string(kReturned))),
      "bounce li@example.cn 5.1.1 bad-mailbox");
}

TEST(Notice, OfLotus) {
  EXPECT_EQ(summary(notice("postmaster@corp.example", "DELIVERY FAILURE: User li not listed",
                           "Your message\n\n  Subject: Spring\n\nwas not delivered to:\n\n"
                           "  li@example.cn\n\nbecause:\n\n"
                           "  User li (li@example.cn) not listed in Domino Directory\n")),
            "bounce li@example.cn  bad-mailbox");
}

TEST(Notice, OfChineseProviders) {
  EXPECT_EQ(summary(notice("postmaster@163.example", "系统退信",
                           "抱歉，您的邮件被退回来了……\n"
                           "原邮件信息：\n"
                           "时 间：2026-01-05 08:00:00\n"
                           "主 题：春天\n"
                           "收件人：li@example.cn\n"
                           "退信原因：\n"
                           "550 User not found: li@example.cn\n"
                           "发件人：news@shop.example\n"
                           "如有疑问请联系 kefu@163.example\n")),
            "bounce li@example.cn  bad-mailbox");
  EXPECT_EQ(summary(notice("PostMaster@qq.example", "来自qq.example的退信",
                           "抱歉，您的邮件被退回来了……\n\n"
                           "无法发送到 wang@example.cn\n"
                           "退信原因 收件人邮件地址（wang@example.cn）不存在，邮件无法送达。\n"
                           "host mx.example.cn[192.0.2.4] said: 550 Mailbox not found\n")),
            "bounce wang@example.cn  bad-mailbox");
  EXPECT_EQ(summary(notice("MAILER-DAEMON@sina.example", "投递失败",
                           "您的邮件无法投递给以下收件人：\n\n"
                           "<zhao@example.cn>:\n"
                           "552 5.2.2 邮箱空间已满 Quota exceeded\n")),
            "bounce zhao@example.cn 5.2.2 full");
}

TEST(Notice, InGbkThatNobodyDeclared) {
  // Subject 退信, body: 收件人：li@example.cn, 原因：550 User not found
  EXPECT_EQ(summary("Return-Path: <>\nFrom: postmaster@mx.example\nSubject: \xCD\xCB\xD0\xC5\n\n"
                    "\xCA\xD5\xBC\xFE\xC8\xCB\xA3\xBAli@example.cn\n"
                    "\xD4\xAD\xD2\xF2\xA3\xBA"
                    "550 User not found\n"),
            "bounce li@example.cn  bad-mailbox");
}

TEST(Notice, InHtmlAlone) {
  EXPECT_EQ(
      summary("Return-Path: <>\nFrom: postmaster@mx.example\nSubject: Undeliverable mail\n"
              "Content-Type: text/html; charset=utf-8\n\n"
              "<html><style>p { a@b.css }</style><body><p>Your mail was not delivered</p>"
              "<table><tr><td>Recipient:</td><td>&lt;li@example.cn&gt;</td></tr>"
              "<tr><td>Reason:</td><td>550 5.1.1 User unknown</td></tr></table></body></html>\n"),
      "bounce li@example.cn 5.1.1 bad-mailbox");
}

TEST(Notice, WithoutAnyAddressIsAboutTheOneThatWasSentTo) {
  EXPECT_EQ(summary(notice("MAILER-DAEMON@mx.example", "Delivery failure",
                           "The user is unknown here: no such user.\n\n"
                           "----- Original message -----\n" +
                               std::string(kReturned))),
            "bounce li@example.cn  bad-mailbox");
}

TEST(Notice, SendersAndHelpersAreNotTheFailedOnes) {
  EXPECT_EQ(
      summary(notice("postmaster@mx.example", "Mail delivery failed",
                     "The message from <news@shop.example> to <li@example.cn> was refused:\n"
                     "550 User unknown\n"
                     "If you need help, contact postmaster@mx.example or admin@mx.example.\n")),
      "bounce li@example.cn  bad-mailbox");
}

TEST(Notice, ThatItIsStillTriedIsADelay) {
  EXPECT_EQ(
      summary(notice("MAILER-DAEMON@mx.example", "Warning: message delayed 24 hours",
                     "A message that you sent has not yet been delivered to\n\n"
                     "  li@example.cn\n    Connection timed out\n\n"
                     "Delivery attempts will continue. No action is required on your part.\n")),
      "delay li@example.cn  network-or-expired");
}

TEST(Notice, OfARelaysTopic) {
  EXPECT_EQ(summary(notice("AWS Notifications <no-reply@sns.example>", "AWS Notification Message",
                           "{\"Type\":\"Notification\",\"Message\":\"{\\\"notificationType\\\":"
                           "\\\"Bounce\\\",\\\"bounce\\\":{\\\"bouncedRecipients\\\":"
                           "[{\\\"emailAddress\\\":\\\"li@example.cn\\\",\\\"action\\\":"
                           "\\\"failed\\\",\\\"status\\\":\\\"5.1.1\\\",\\\"diagnosticCode\\\":"
                           "\\\"smtp; 550 5.1.1 user unknown\\\"}]}}\"}\n")),
            "bounce li@example.cn 5.1.1 bad-mailbox");
}

}  // namespace
}  // namespace hongyan::inbound
