#include "base/smtp_command.h"

#include <gtest/gtest.h>

#include <string>

namespace hongyan {
namespace {

// Feeds `bytes` in pieces of `step`, keeping what is left unread. "!" at the end: it was done.
std::string read_all(std::string_view bytes, std::size_t step) {
  DotReader reader;
  std::string held;
  std::string out;
  for (std::size_t i = 0; i < bytes.size() && !reader.done(); i += step) {
    held += bytes.substr(i, step);
    std::string_view input = held;
    for (auto piece = reader.take(input); !piece.empty(); piece = reader.take(input)) out += piece;
    held = std::string(input);
  }
  return reader.done() ? out + "!" : out;
}

TEST(DotReader, OnlyTheTrueEndEndsAndDotsAreRemoved) {
  struct Case {
    std::string_view bytes, content;
  };
  const Case cases[] = {
      {".\r\n", "!"},
      {"a\r\n.\r\n", "a\r\n!"},
      {"..\r\n...b\r\n.\r\n", ".\r\n..b\r\n!"},
      {"a\n.\nb\r\n.\r\n", "a\n.\nb\r\n!"},
      {"a\r.\rb\r\n.\r\n", "a\r.\rb\r\n!"},
      {"a\n.\r\nb\r\n.\r\n", "a\n.\r\nb\r\n!"},
      {"a\r\n.\nb\r\n.\r\n", "a\r\n\nb\r\n!"},
      {"a\r\r\n.\r\n", "a\r\r\n!"},
      {"a\r\n.", "a\r\n"},
      {"a\r\n.\r", "a\r\n"},
  };
  for (const Case& one : cases)
    for (std::size_t step = 1; step <= one.bytes.size(); ++step)
      EXPECT_EQ(read_all(one.bytes, step), one.content) << one.bytes << " by " << step;
}

TEST(DotReader, WhatFollowsTheEndIsLeft) {
  DotReader reader;
  std::string_view input = "a\r\n.\r\nQUIT\r\n";
  EXPECT_EQ(reader.take(input), "a\r\n");
  EXPECT_EQ(reader.take(input), "");
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(reader.take(input), "");
  EXPECT_EQ(input, "QUIT\r\n");
}

}  // namespace
}  // namespace hongyan
