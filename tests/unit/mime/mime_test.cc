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

TEST(HtmlText, TagsGoStylesGoEntitiesBecomeCharacters) {
  EXPECT_EQ(text_of_html("<style>p{}</style><p>a &amp; b<br>c</p>"), "\na & b\nc\n");
}

}  // namespace
}  // namespace hongyan::mime
