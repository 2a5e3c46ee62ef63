#include "dns/spf_macro.h"

#include <gtest/gtest.h>

namespace hongyan::dns {
namespace {

std::string expand(std::string_view text, const char* ip = "192.0.2.3") {
  return expand_spf_macros(text, {*IpAddress::parse(ip),
                                  "strong-bad@email.example.com",
                                  "email.example.com",
                                  "helo.example.com",
                                  {}});
}

// RFC 7208 7.4.
TEST(SpfMacro, ExamplesOfTheRfc) {
  const std::pair<const char*, const char*> kExamples[] = {
      {"%{s}", "strong-bad@email.example.com"},
      {"%{o}", "email.example.com"},
      {"%{d}", "email.example.com"},
      {"%{d4}", "email.example.com"},
      {"%{d3}", "email.example.com"},
      {"%{d2}", "example.com"},
      {"%{d1}", "com"},
      {"%{dr}", "com.example.email"},
      {"%{d2r}", "example.email"},
      {"%{l}", "strong-bad"},
      {"%{l-}", "strong.bad"},
      {"%{lr}", "strong-bad"},
      {"%{lr-}", "bad.strong"},
      {"%{l1r-}", "strong"},
      {"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
      {"%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"},
      {"%{lr-}.lp.%{ir}.%{v}._spf.%{d2}", "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"},
      {"%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}", "3.2.0.192.in-addr.strong.lp._spf.example.com"},
      {"%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"}};
  for (const auto& [text, expanded] : kExamples) {
    EXPECT_TRUE(is_macro_string(text)) << text;
    EXPECT_EQ(expand(text), expanded) << text;
  }
  EXPECT_EQ(expand("%{ir}.%{v}._spf.%{d2}", "2001:db8::cb01"),
            "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com");
}

TEST(SpfMacro, EscapesAndCapitals) {
  EXPECT_EQ(expand("a%%b%_c%-d.example"), "a%b c%20d.example");
  EXPECT_EQ(expand("%{S}"), "strong-bad%40email.example.com");
  EXPECT_EQ(expand("%{p}.%{h}"), "unknown.helo.example.com");
}

TEST(SpfMacro, MalformedOnesAreNone) {
  for (const char* text :
       {"%", "a%b", "%{", "%{}", "%{x}", "%{d0}", "%{d2x}", "%{c}", "%{d", "a b", "\x7f"})
    EXPECT_FALSE(is_macro_string(text)) << text;
}

TEST(SpfMacro, ADomainEndsInALabelOrAMacro) {
  for (const char* text : {"a.example", "a.example.", "%{d}", "x.%{d2}", "_spf.a.example"})
    EXPECT_TRUE(is_domain_spec(text)) << text;
  for (const char* text :
       {"", "example", "a.123", "a.-b", "%{d}x", "%{d}.", "a.exa_mple", "192.0.2.1"})
    EXPECT_FALSE(is_domain_spec(text)) << text;
}

TEST(SpfMacro, LongNamesLoseTheirLeft) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += "%{o}.";
  const std::string name = expand(text + "example.net");
  EXPECT_LE(name.size(), 253U);
  EXPECT_TRUE(name.ends_with(".example.com.example.net")) << name;
}

}  // namespace
}  // namespace hongyan::dns
