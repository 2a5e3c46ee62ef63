#include "sink/command.h"

#include <gtest/gtest.h>

namespace hongyan::sink {
namespace {

TEST(Command, PathIsTakenApart) {
  const auto plain = parse_path(" FROM:<a@b.example> SIZE=5 BODY=8BITMIME", "FROM:");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->address, "a@b.example");
  EXPECT_EQ(plain->parameters, "SIZE=5 BODY=8BITMIME");
  EXPECT_EQ(parse_path("to: <a@b>", "TO:")->address, "a@b");
  EXPECT_EQ(parse_path("FROM:<>", "FROM:")->address, "");
  EXPECT_EQ(parse_path(R"(TO:<"odd>\" one"@b>)", "TO:")->address, R"("odd>\" one"@b)");
}

TEST(Command, MalformedPathIsNone) {
  for (const char* rest : {"", "TO", "TO:", "TO:a@b", "TO:<a@b", "TO:<a@b>x", "FROM:<a@b>"})
    EXPECT_FALSE(parse_path(rest, "TO:")) << rest;
}

TEST(Command, ChunkHasSizeAndPerhapsLast) {
  EXPECT_EQ(parse_chunk("86")->bytes, 86U);
  EXPECT_FALSE(parse_chunk("86")->last);
  EXPECT_TRUE(parse_chunk("0 last")->last);
  for (const char* rest : {"", "x", "-1", "1 FIRST", "1 LAST 2", "99999999999999999999"})
    EXPECT_FALSE(parse_chunk(rest)) << rest;
}

TEST(Command, MessageIdIsFoundInTheHeaderOnly) {
  EXPECT_EQ(message_id_of("Subject: x\r\nmessage-ID: <1@a>\r\n\r\nbody"), "<1@a>");
  EXPECT_EQ(message_id_of("Message-ID:\r\n <2@a>\r\nTo: b\r\n\r\n"), "<2@a>");
  EXPECT_EQ(message_id_of("Subject: x\r\n\r\nMessage-ID: <3@a>\r\n"), "");
  EXPECT_EQ(message_id_of(""), "");
}

}  // namespace
}  // namespace hongyan::sink
