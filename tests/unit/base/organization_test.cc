#include "base/organization.h"

#include <gtest/gtest.h>

namespace hongyan {
namespace {

TEST(OrganizationalDomain, IsOneLabelBelowThePublicSuffix) {
  EXPECT_EQ(organizational_domain("acme.com"), "acme.com");
  EXPECT_EQ(organizational_domain("a.b.acme.com"), "acme.com");
  EXPECT_EQ(organizational_domain("news.acme.com.cn"), "acme.com.cn");
  EXPECT_EQ(organizational_domain("news.acme.xn--55qx5d.cn"), "acme.xn--55qx5d.cn");  // 公司.cn
  EXPECT_EQ(organizational_domain("mail.acme.example"), "acme.example");  // unknown suffix: "*"
  EXPECT_EQ(organizational_domain("com.cn"), "com.cn");
  EXPECT_EQ(organizational_domain(""), "");
}

TEST(Aligns, SiblingsAndParentsDoAndNeighboursUnderASuffixDoNot) {
  EXPECT_TRUE(aligns("news.acme.com.cn", "mail.acme.com.cn"));
  EXPECT_TRUE(aligns("acme.com.cn", "mail.acme.com.cn"));
  EXPECT_FALSE(aligns("acme.com.cn", "other.com.cn"));
  EXPECT_FALSE(aligns("acme.com", "notacme.com"));
  EXPECT_TRUE(aligns("com.cn", "com.cn"));
  EXPECT_FALSE(aligns("com.cn", "net.cn"));
}

}  // namespace
}  // namespace hongyan
