#include "engine/smtp/reply_parser.h"

#include <gtest/gtest.h>

#include <vector>

namespace hongyan::smtp {
namespace {

using Status = ReplyParser::Status;

Status parse_all(ReplyParser& parser, std::string_view text) {
  Status status = Status::kNeedMore;
  while (!text.empty() && status != Status::kMalformed) status = parser.parse(text);
  return status;
}

TEST(ReplyParser, LinesOfOneReplyAreJoinedAndCodesTakenOut) {
  ReplyParser parser;
  EXPECT_EQ(parse_all(parser, "550-5.1.1 No such\r\n550 5.1.1 user here\r\n"), Status::kReply);
  Reply reply;
  parser.copy_to(reply);
  EXPECT_EQ(reply.code, 550);
  EXPECT_EQ(reply.enhanced, "5.1.1");
  EXPECT_EQ(reply.text, "No such user here");
  EXPECT_EQ(parser.lines(), "5.1.1 No such\n5.1.1 user here");
}

TEST(ReplyParser, SeveralRepliesInOneReadAreTakenOneByOne) {
  ReplyParser parser;
  std::string_view input = "250 a\r\n354 b\r\n25";
  EXPECT_EQ(parser.parse(input), Status::kReply);
  EXPECT_EQ(parser.code(), 250);
  EXPECT_EQ(parser.parse(input), Status::kReply);
  EXPECT_EQ(parser.code(), 354);
  EXPECT_EQ(parser.parse(input), Status::kNeedMore);
  EXPECT_TRUE(parser.in_the_middle());
  input = "0 c\n";
  EXPECT_EQ(parser.parse(input), Status::kReply);
  EXPECT_EQ(parser.lines(), "c");
  EXPECT_FALSE(parser.in_the_middle());
}

TEST(ReplyParser, TheResultDoesNotDependOnHowTheBytesAreCut) {
  const std::string_view text = "250-one\r\n250-two\r\n250\r\n";
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    ReplyParser parser;
    EXPECT_EQ(parse_all(parser, text.substr(0, cut)), Status::kNeedMore);
    EXPECT_EQ(parse_all(parser, text.substr(cut)), Status::kReply);
    EXPECT_EQ(parser.lines(), "one\ntwo\n") << cut;
  }
}

TEST(ReplyParser, WhatIsNoReplyIsMalformed) {
  for (const char* bad : {"\r\n", "25\r\n", "abc hello\r\n", "250_x\r\n", "199 x\r\n", "600 x\r\n",
                          "250-a\r\n550 b\r\n", "SSH-2.0-x\r\n", "-50 x\r\n", "25\xB2 x\r\n"}) {
    ReplyParser parser;
    EXPECT_EQ(parse_all(parser, bad), Status::kMalformed) << bad;
    EXPECT_FALSE(parser.fault().empty());
  }
}

TEST(ReplyParser, EndlessLinesAndRepliesAreMalformed) {
  ReplyParser endless_line;
  Status status = Status::kNeedMore;
  for (int i = 0; i < 300 && status == Status::kNeedMore; ++i)
    status = parse_all(endless_line, "250 567890");
  EXPECT_EQ(status, Status::kMalformed);

  ReplyParser endless_reply;
  status = Status::kNeedMore;
  int lines = 0;
  for (; lines < 1000 && status == Status::kNeedMore; ++lines)
    status = parse_all(endless_reply, "250-" + std::string(1000, 'x') + "\r\n");
  EXPECT_EQ(status, Status::kMalformed);
  EXPECT_EQ(lines, ReplyParser::kMaxLines + 1);
  EXPECT_LE(endless_reply.lines().size(), ReplyParser::kMaxText);
}

TEST(ReplyParser, ALineOfExactlyTheLimitIsRead) {
  ReplyParser parser;
  EXPECT_EQ(parse_all(parser, "250 " + std::string(ReplyParser::kMaxLine - 6, 'x') + "\r\n"),
            Status::kReply);
  Reply reply;
  parser.copy_to(reply);
  EXPECT_EQ(reply.text.size(), 1024u);
}

TEST(ReplyParser, EnhancedCodesFitTheirReply) {
  struct Row {
    const char* line;
    int code;
    std::size_t length;
  };
  for (const Row& row : std::vector<Row>{{"5.1.1 x", 550, 5},
                                         {"5.7.26", 550, 6},
                                         {"5.1.1 x", 450, 0},
                                         {"5.1.1x", 550, 0},
                                         {"5.1 x", 550, 0},
                                         {"5.1234.1 x", 550, 0},
                                         {"3.0.0 x", 354, 0},
                                         {"", 250, 0}})
    EXPECT_EQ(enhanced_code_length(row.line, row.code), row.length) << row.line;
}

}  // namespace
}  // namespace hongyan::smtp
