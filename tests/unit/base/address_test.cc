#include "base/address.h"

#include <gtest/gtest.h>

namespace hongyan {
namespace {

TEST(Address, LocalPartIsKeptAndDomainFolded) {
  struct Case {
    std::string_view text, local, domain;
    bool utf8;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"li@example.cn", "li", "example.cn", false},
           {" \tLi.Wei+tag@Example.CN \r\n", "Li.Wei+tag", "example.cn", false},
           {"\xEF\xBB\xBF李@例子.测试　", "李", "xn--fsqu00a.xn--0zwm56d", true},
           {"a@BÜCHER.example", "a", "xn--bcher-kva.example", false},
           {"a@faß.example", "a", "xn--fa-hia.example", false},
           {"a@ｅｘａｍｐｌｅ。cn", "a", "example.cn", false},
           {"a@XN--BCHER-KVA.example", "a", "xn--bcher-kva.example", false},
           {R"("a b@c\"d"@x.cn)", R"("a b@c\"d")", "x.cn", false},
           {"!#$%&'*+-/=?^_`{|}~@x.cn", "!#$%&'*+-/=?^_`{|}~", "x.cn", false},
           {"123@163.com", "123", "163.com", false},
           {"a@1.2.3.4a", "a", "1.2.3.4a", false}}) {
    const auto address = parse_address(c.text);
    ASSERT_TRUE(address) << c.text << ": " << address.error().detail;
    EXPECT_EQ(address->local, c.local);
    EXPECT_EQ(address->domain, c.domain) << c.text;
    EXPECT_EQ(address->needs_smtputf8, c.utf8) << c.text;
  }
}

TEST(Address, WhatIsNoBulkMailboxIsRefusedWithItsCode) {
  struct Case {
    std::string text;
    std::string_view code;
  };
  const std::string label(63, 'a');
  for (const Case& c : std::initializer_list<Case>{
           {"", "bad-local-part"},
           {"   ", "bad-local-part"},
           {"li", "no-at-sign"},
           {"li＠example.cn", "no-at-sign"},
           {"@x.cn", "bad-local-part"},
           {".a@x.cn", "bad-local-part"},
           {"a.@x.cn", "bad-local-part"},
           {"a..b@x.cn", "bad-local-part"},
           {"a b@x.cn", "bad-local-part"},
           {"Li <li@x.cn>", "bad-local-part"},
           {"a,b@x.cn", "bad-local-part"},
           {"\"a@x.cn", "bad-local-part"},
           {"\"a\rb\"@x.cn", "bad-local-part"},
           {"\"a\"b@x.cn", "no-at-sign"},
           {"\xFF@x.cn", "bad-local-part"},
           {"a\xE3\x80\x80"
            "b@x.cn",
            "bad-local-part"},
           {"a@", "bad-domain"},
           {"a@b@x.cn", "bad-domain"},
           {"a@localhost", "bad-domain"},
           {"a@x..cn", "bad-domain"},
           {"a@x.cn.", "bad-domain"},
           {"a@-x.cn", "bad-domain"},
           {"a@x-.cn", "bad-domain"},
           {"a@x_y.cn", "bad-domain"},
           {"a@1.2.3.4", "bad-domain"},
           {"a@xn--\x7F.cn", "bad-domain"},
           {"a@xn--a.cn", "bad-domain"},
           {"a@\xFF.cn", "bad-domain"},
           {"a@☃\r\nRCPT.cn", "bad-domain"},
           {"a@[1.2.3.4]", "address-literal"},
           {std::string(65, 'a') + "@x.cn", "too-long"},
           {"a@" + std::string(64, 'a') + ".cn", "bad-domain"},
           {"a@" + label + "." + label + "." + label + "." + label + ".cn", "too-long"},
           {std::string(64, 'a') + "@" + label + "." + label + "." + label, "too-long"}}) {
    const auto address = parse_address(c.text);
    ASSERT_FALSE(address) << c.text;
    EXPECT_EQ(address.error().code, c.code) << c.text << ": " << address.error().detail;
    EXPECT_FALSE(address.error().detail.empty());
  }
}

TEST(Address, LimitsAreInclusive) {
  const std::string label(62, 'a');
  const std::string domain = label + "." + label + "." + label + ".cn";
  const std::string longest = std::string(254 - 1 - domain.size(), 'b') + "@" + domain;
  ASSERT_EQ(longest.size(), 254u);
  EXPECT_TRUE(parse_address(longest));
  EXPECT_FALSE(parse_address("b" + longest));
  EXPECT_TRUE(parse_address(std::string(64, 'a') + "@x.cn"));
}

TEST(Address, DuplicatesAreEqualInTheDomainOnly) {
  EXPECT_EQ(parse_address("a@例子.CN")->normalised(),
            parse_address("a@xn--fsqu00a.cn")->normalised());
  EXPECT_NE(parse_address("A@x.cn")->normalised(), parse_address("a@x.cn")->normalised());
}

TEST(Address, IsShownInItsOwnScript) {
  EXPECT_EQ(parse_address("李@例子.cn")->display(), "李@例子.cn");
  EXPECT_EQ(parse_address("a@x.cn")->display(), "a@x.cn");
}

}  // namespace
}  // namespace hongyan
