#include "base/mime/mime.h"

#include "base/mime/html_text.h"

#include <gtest/gtest.h>

namespace hongyan::mime {
namespace {

TEST(Mime, TextIsDecodedToUtf8WhateverItsEncoding) {
  const auto mail = parse_mime(
      "Subject: =?gb2312?B?xOO6ww==?=\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
      "--b\r\nContent-Type: text/plain; charset=gbk\r\nContent-Transfer-Encoding: base64\r\n\r\n"
      "xOO6ww==\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n--b--\r\n");
  ASSERT_TRUE(mail);
  EXPECT_EQ(decode_words(mail->fields.find("subject")), "你好");
  ASSERT_EQ(mail->parts.size(), 2u);
  EXPECT_EQ(mail->parts[0].text, "你好");
  EXPECT_EQ(mail->parts[1].type, "text/html");
}

TEST(Mime, AMailCutAnywhereGivesWhatIsThere) {
  const auto mail = parse_mime(
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain;"
      " charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8gd29y");
  ASSERT_TRUE(mail);
  ASSERT_EQ(mail->parts.size(), 1u);
  EXPECT_EQ(mail->parts[0].text, "hello wor");
}

TEST(Mime, TextCutWithinACharacterIsStillUtf8) {
  const auto mail = parse_mime("Content-Type: text/plain; charset=utf-8\r\n\r\n你好\xE4\xB8");
  ASSERT_TRUE(mail);
  EXPECT_EQ(mail->parts.at(0).text, "你好");
}

TEST(Mime, MailboxesAreDecodedAndGroupsDissolved) {
  const auto found = parse_mailboxes(
      "=?utf-8?B?5p2O?= <li@example.cn>, \"a, b\" <a@x.example>, bare@x.example,"
      " team: x@y.example, z@y.example;, \xC4\xE3 <n@x.example>",
      5);
  ASSERT_EQ(found.size(), 5u);
  EXPECT_EQ(found[0].name, "李");
  EXPECT_EQ(found[0].address, "li@example.cn");
  EXPECT_EQ(found[1].name, "a, b");
  EXPECT_EQ(found[2].address, "bare@x.example");
  EXPECT_EQ(found[3].address, "x@y.example");
  EXPECT_EQ(parse_mailboxes("\xC4\xE3 <n@x.example>", 5).at(0).name, "你");
  EXPECT_TRUE(parse_mailboxes(std::string(100'000, ':'), 5).empty());
  EXPECT_TRUE(parse_mailboxes("", 5).empty());
}

TEST(Mime, DatesAreReadInAnyZone) {
  const WallTime expected = from_unix_ms(1767578400'000);
  EXPECT_EQ(parse_mail_date("Mon, 5 Jan 2026 10:00:00 +0800 (CST)"), expected);
  EXPECT_EQ(parse_mail_date("5 Jan 2026 02:00:00 GMT"), expected);
  EXPECT_EQ(parse_mail_date("yesterday"), std::nullopt);
  EXPECT_EQ(parse_mail_date(""), std::nullopt);
}

TEST(HtmlText, TagsGoStylesGoEntitiesBecomeCharacters) {
  EXPECT_EQ(text_of_html("<style>p{}</style><p>a &amp; b<br>c</p>"), "\na & b\nc\n");
}

}  // namespace
}  // namespace hongyan::mime
