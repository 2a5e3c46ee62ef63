#include "mailbox/imap/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::imap {
namespace {

using ::testing::ElementsAre;

FetchData fetched(std::string header, std::string text) {
  FetchData data;
  data.uid = 7;
  data.size = 1234;
  data.internal_date = " 5-Jan-2026 10:00:00 +0800";
  data.flags = {"\\Seen"};
  data.sections = {{"BODY[HEADER.FIELDS (FROM)]", std::move(header)},
                   {"BODY[TEXT]", std::move(text)}};
  return data;
}

TEST(Message, AHeadHasWhatAnEventTells) {
  const MessageHead head = read_message(
      fetched("From: =?gb18030?B?wO7LxA==?= <li@example.cn>\r\nTo: a@x.example, B <b@x.example>\r\n"
              "Subject: =?utf-8?B?5L2g5aW9?=\r\n =?utf-8?B?77yB?=\r\nDate: Mon, 5 Jan 2026 "
              "10:00:00 +0800\r\n"
              "Message-ID: <m1@example.cn>\r\nIn-Reply-To: your mail of Monday <m0@x.example>\r\n"
              "References: <r1@x>\r\n <m0@x.example>\r\nContent-Type: text/plain; charset=gbk\r\n"
              "Content-Transfer-Encoding: base64\r\n\r\n",
              "xOO6w6Osz7u2qA0KCg=="));
  EXPECT_EQ(head.uid, 7u);
  EXPECT_EQ(head.size, 1234u);
  EXPECT_TRUE(head.seen);
  EXPECT_EQ(head.received, from_unix_ms(1767578400'000));
  EXPECT_EQ(head.date, head.received);
  ASSERT_EQ(head.from.size(), 1u);
  EXPECT_EQ(head.from[0].name, "李四");
  EXPECT_EQ(head.from[0].address, "li@example.cn");
  EXPECT_EQ(head.to.size(), 2u);
  EXPECT_EQ(head.subject, "你好！");
  EXPECT_EQ(head.message_id, "m1@example.cn");
  EXPECT_EQ(head.in_reply_to, "m0@x.example");
  EXPECT_THAT(head.references, ElementsAre("r1@x", "m0@x.example"));
  EXPECT_EQ(head.snippet, "你好，匣定");
  EXPECT_FALSE(head.from_machine);
}

TEST(Message, TheSnippetIsOfTheFirstTextHoweverItIsCut) {
  const std::string html =
      "--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<style>p{}</style>"
      "<p>Dear&nbsp;Mr Li,</p><p>thanks";
  EXPECT_EQ(
      read_message(fetched("Content-Type: multipart/mixed; boundary=b\r\n\r\n", html)).snippet,
      "Dear Mr Li, thanks");
  const std::string plain =
      "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n你好\r\n\r\n  世界\xE4\xBD";
  EXPECT_EQ(read_message(fetched("Content-Type: multipart/alternative; boundary=b\r\n\r\n", plain))
                .snippet,
            "你好 世界");
}

TEST(Message, SnippetsCountCharactersAndRunBlanksTogether) {
  EXPECT_EQ(snippet_of("  a\r\n\t b  ", 10), "a b");
  EXPECT_EQ(snippet_of("你好世界", 2), "你好");
  EXPECT_EQ(snippet_of("ab cd", 3), "ab");
  EXPECT_EQ(snippet_of("a\x1B[31mb", 10), "a [31mb");
}

TEST(Message, MachinesSayWhatTheyAre) {
  EXPECT_TRUE(read_message(fetched("Auto-Submitted: auto-replied\r\n\r\n", "")).from_machine);
  EXPECT_TRUE(read_message(fetched("Precedence: Bulk\r\n\r\n", "")).from_machine);
  EXPECT_FALSE(read_message(fetched("Auto-Submitted: no\r\n\r\n", "")).from_machine);
}

TEST(Message, ABombIsAMessageWithoutHead) {
  std::string header = "Content-Type: multipart/mixed; boundary=b\r\n";
  for (int i = 0; i < 5000; ++i) header += "X: y\r\n";
  const MessageHead head = read_message(fetched(header + "Subject: x\r\n\r\n", "text"));
  EXPECT_EQ(head.uid, 7u);
  EXPECT_EQ(head.subject, "");
  EXPECT_EQ(read_message({}).snippet, "");
}

}  // namespace
}  // namespace hongyan::imap
