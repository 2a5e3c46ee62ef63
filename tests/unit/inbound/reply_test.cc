#include "tests/unit/inbound/mails.h"

#include <gtest/gtest.h>

namespace hongyan::inbound {
namespace {

std::string mail(std::string_view headers, std::string_view body = "I am away.\n") {
  return "From: Li <li@example.cn>\nTo: news@shop.example\n" + std::string(headers) + "\n" +
         std::string(body);
}

class AutoReply : public testing::TestWithParam<std::string_view> {};
TEST_P(AutoReply, IsRecognised) {
  EXPECT_EQ(summary(mail(GetParam())), "auto-reply   other");
}
INSTANTIATE_TEST_SUITE_P(
    Forms, AutoReply,
    testing::Values("Subject: Re: Spring\nAuto-Submitted: auto-replied (vacation)\n",
                    "Subject: Re: Spring\nX-Autoreply: yes\n",
                    "Subject: Re: Spring\nX-Autorespond: Spring\n",
                    "Subject: Re: Spring\nPrecedence: auto_reply\n",
                    "Subject: Re: Spring\nPrecedence: bulk\nIn-Reply-To: <j1.7@mta.example>\n",
                    "Subject: Out of Office: Spring\n", "Subject: Automatic reply: Spring\n",
                    "Subject: =?utf-8?B?6Ieq5Yqo5Zue5aSN?=: Spring\n",
                    "Subject: 自动回复: Spring\n", "Subject: 自動回覆: Spring\n"));

TEST(Reply, OfAPersonIsNoReport) {
  EXPECT_EQ(summary(mail("Subject: Re: Spring\nIn-Reply-To: <j1.7@mta.example>\n", "Thanks!\n")),
            "not-a-report   other");
  EXPECT_EQ(summary(""), "not-a-report   other");
}

TEST(Reply, ThatMentionsAFailureIsNoBounce) {
  EXPECT_EQ(summary(mail("Subject: question\n", "My order failed, ask wang@example.cn\n")),
            "not-a-report   other");
}

TEST(Reply, WishToLeaveIsAnUnsubscribe) {
  EXPECT_EQ(summary(mail("Subject: unsubscribe\n", "")), "unsubscribe li@example.cn  other");
  EXPECT_EQ(summary(mail("Subject: Re: 退订\n", "")), "unsubscribe li@example.cn  other");
  EXPECT_EQ(summary(mail("Subject: TD\n", "")), "unsubscribe li@example.cn  other");
  EXPECT_EQ(summary(mail("Subject: TDD in practice\n", "")), "not-a-report   other");
}

TEST(Reply, KnowsWhatItAnswers) {
  const Reading reading =
      read_mail(mail("Subject: Out of office\nIn-Reply-To: <j1.7@mta.example>\n"));
  EXPECT_EQ(reading.reports[0].message_id, "j1.7@mta.example");
  EXPECT_EQ(reading.arrived_for, "news@shop.example");
}

}  // namespace
}  // namespace hongyan::inbound
