#include "engine/check/dkim_record.h"

#include <gtest/gtest.h>

namespace hongyan::check {
namespace {

TEST(DkimRecord, BlanksInTheKeyDoNotCount) {
  const auto record = parse_dkim("v=DKIM1; k=rsa; t=s; p=MIGf MA0G\tCSq= ;");
  ASSERT_TRUE(record) << record.error();
  EXPECT_EQ(record->type, "rsa");
  EXPECT_EQ(record->key, "MIGfMA0GCSq=");
  EXPECT_FALSE(record->testing);
  EXPECT_TRUE(record->for_mail && record->for_sha256);
}

TEST(DkimRecord, WhatIsLeftOutHasItsDefault) {
  const auto record = parse_dkim("p=AAAA; n=a note; x-new=1");
  ASSERT_TRUE(record) << record.error();
  EXPECT_EQ(record->type, "rsa");
  EXPECT_TRUE(parse_dkim("k=ed25519; p=AAAA")->type == "ed25519");
}

TEST(DkimRecord, FlagsServicesAndHashesAreLists) {
  EXPECT_TRUE(parse_dkim("t=s : y; p=A")->testing);
  EXPECT_TRUE(parse_dkim("s=tlsrpt:email; p=A")->for_mail);
  EXPECT_TRUE(parse_dkim("s=*; p=A")->for_mail);
  EXPECT_FALSE(parse_dkim("s=tlsrpt; p=A")->for_mail);
  EXPECT_TRUE(parse_dkim("h=sha1:sha256; p=A")->for_sha256);
  EXPECT_FALSE(parse_dkim("h=sha1; p=A")->for_sha256);
  EXPECT_EQ(parse_dkim("v=DKIM1; p=")->key, "");
}

TEST(DkimRecord, BrokenRecordsSayWhy) {
  const auto why = [](std::string_view text) {
    const auto record = parse_dkim(text);
    return record ? std::string("accepted") : record.error();
  };
  EXPECT_EQ(why("v=DKIM1; k=rsa"), "has no p=");
  EXPECT_EQ(why(""), "has no p=");
  EXPECT_EQ(why("p=AAAA; v=DKIM1"), "v=DKIM1 must come first, if it is there");
  EXPECT_EQ(why("v=DKIM2; p=AAAA"), "v=DKIM1 must come first, if it is there");
  EXPECT_EQ(why("v=DKIM1; p=AAAA; p=BBBB"), "has p= twice");
  EXPECT_EQ(why("v=DKIM1; p=AA\"AA"), "p= is no base64");
  EXPECT_EQ(why("v=spf1 -all\x1b"), "v=DKIM1 must come first, if it is there");
  EXPECT_EQ(why("\x1b[31m"), "`\\x1B[31m` is no tag=value");
}

}  // namespace
}  // namespace hongyan::check
