#include "base/mime/mime.h"
#include "tests/unit/inbound/mails.h"

#include <gtest/gtest.h>

#include <chrono>
#include <random>

namespace hongyan::inbound {
namespace {

class Hostile : public testing::Test {
 protected:
  // Generous: what grows with the square of the size takes minutes.
  ~Hostile() override {
    EXPECT_LT(std::chrono::steady_clock::now() - since_, std::chrono::seconds(20));
  }

 private:
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

std::string times(std::string_view piece, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text;
}

TEST_F(Hostile, AThousandLevelsAreRefused) {
  std::string mail = "Subject: bounce\nContent-Type: multipart/mixed; boundary=b0\n\n";
  for (int i = 1; i <= 1000; ++i)
    mail += "--b" + std::to_string(i - 1) + "\nContent-Type: multipart/mixed; boundary=b" +
            std::to_string(i) + "\n\n";
  const Reading reading = read_mail(mail);
  EXPECT_EQ(reading.refusal, mime::Refusal::kTooManyParts);
  EXPECT_EQ(summary(reading), "not-a-report   other");
  EXPECT_EQ(read_mail(times("Content-Type: message/rfc822\n\n", 1000)).refusal,
            mime::Refusal::kTooManyParts);
}

TEST_F(Hostile, AHeaderWithoutEndIsRefused) {
  EXPECT_EQ(read_mail(times("a:b\n", 100'000)).refusal, mime::Refusal::kTooManyFields);
}

TEST_F(Hostile, WhatIsBehindTheFrontIsNotRead) {
  const std::string report =
      status_report("Final-Recipient: rfc822; li@shop.example\nAction: failed\nStatus: 5.1.1\n");
  EXPECT_EQ(summary(report + times("0123456789abcde\n", 1'000'000)),
            "bounce li@shop.example 5.1.1 bad-mailbox");
}

TEST_F(Hostile, ManyRecipientsAreBounded) {
  std::string fields;
  for (int i = 0; i < 3000; ++i)
    fields += "Final-Recipient: rfc822; u" + std::to_string(i) + "@x.example\nAction: failed\n\n";
  EXPECT_LE(read_mail(status_report(fields)).reports.size(), 100u);
}

TEST_F(Hostile, LongTextsOfOneKind) {
  for (const std::string_view piece :
       {"@", "<", "<a@b.example> ", "<li@x.example>: 550 no such user\n", "To: a@b.example, ", "&",
        "> ", "From: x\n\n", "Received: x\nTo: y\n", "--\n", "\n", "550 ", "5.1.1 ", "=?utf-8?B?"})
    for (const std::string_view type : {"text/plain", "text/html", "message/delivery-status"}) {
      std::string mail = "From: MAILER-DAEMON@x.example\nSubject: failure notice\nContent-Type: ";
      mail.append(type).append("\n\n").append(times(piece, mime::kMostRead / piece.size()));
      EXPECT_FALSE(read_mail(mail).reports.empty());
    }
  EXPECT_FALSE(read_mail("Subject: " + times("=?utf-8?Q?a?= ", 20'000)).reports.empty());
  EXPECT_FALSE(read_mail("To: " + times("a@b.example, ", 20'000)).reports.empty());
  EXPECT_EQ(read_mail("To: " + times("a:", 100'000)).refusal, mime::Refusal::kTooManyGroups);
  EXPECT_EQ(read_mail("To: x" + times("\n a:", 60'000)).refusal, mime::Refusal::kTooManyGroups);
  EXPECT_FALSE(read_mail("To: " + times("(", 200'000)).reports.empty());
  EXPECT_FALSE(read_mail("Content-Type: text/plain" + times("; a=b", 40'000)).reports.empty());
}

TEST_F(Hostile, AnyCutAndAnyNoiseGiveAnAnswer) {
  const std::string mail =
      status_report("Final-Recipient: rfc822; li@shop.example\nAction: failed\nStatus: 5.1.1\n");
  for (std::size_t size = 0; size < mail.size(); size += 7)
    EXPECT_FALSE(read_mail(mail.substr(0, size)).reports.empty());
  std::mt19937 random(7);
  for (int i = 0; i < 300; ++i) {
    std::string noisy = mail;
    for (int k = 0; k < 20; ++k) noisy[random() % noisy.size()] = static_cast<char>(random());
    EXPECT_FALSE(read_mail(noisy).reports.empty());
  }
}

}  // namespace
}  // namespace hongyan::inbound
