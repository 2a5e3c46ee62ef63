#include "mailbox/imap/folders.h"

#include <gtest/gtest.h>

namespace hongyan::imap {
namespace {

ListEntry entry(std::string name, std::vector<std::string> attributes = {},
                std::string delimiter = "/") {
  return {name, name, std::move(delimiter), std::move(attributes)};
}

std::string sent_of(const std::vector<ListEntry>& folders) {
  const ListEntry* found = find_sent(folders);
  return found == nullptr ? "none" : found->name;
}

TEST(FindSent, TheServersMarkComesFirst) {
  EXPECT_EQ(sent_of({entry("INBOX"), entry("Sent"), entry("寄出", {"\\HasNoChildren", "\\sent"})}),
            "寄出");
}

TEST(FindSent, OtherwiseAUsualNameAtAnyDepth) {
  EXPECT_EQ(sent_of({entry("INBOX"), entry("INBOX.Sent", {}, ".")}), "INBOX.Sent");
  EXPECT_EQ(sent_of({entry("INBOX"), entry("[Gmail]/Sent Mail")}), "[Gmail]/Sent Mail");
  EXPECT_EQ(sent_of({entry("其他/已发送"), entry("SENT ITEMS")}), "SENT ITEMS");
  EXPECT_EQ(sent_of({entry("已发送")}), "已发送");
  EXPECT_EQ(sent_of({entry("Unsent"), entry("Sentinel")}), "none");
}

TEST(FindSent, AFolderThatHoldsNoMailIsNone) {
  EXPECT_EQ(sent_of({entry("Sent", {"\\NoSelect"}), entry("x", {"\\Sent", "\\NonExistent"})}),
            "none");
}

}  // namespace
}  // namespace hongyan::imap
