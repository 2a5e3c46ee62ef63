#include "engine/smtp/proxy_header.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace hongyan::smtp {
namespace {

IpAddress ip(std::string_view text) {
  return IpAddress::parse(text).value();
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += kDigits[static_cast<unsigned char>(byte) >> 4U];
    text += kDigits[static_cast<unsigned char>(byte) & 0xfU];
  }
  return text;
}

// The layout of section 2.2: signature, version and command, family and protocol, length, source
// and destination address, source and destination port.
TEST(ProxyHeader, IPv4IsTwentyEightBytes) {
  EXPECT_EQ(hex(proxy_header(ip("192.168.0.1"), ip("192.168.0.11"), 443)),
            "0d0a0d0a000d0a515549540a"
            "21"
            "11"
            "000c"
            "c0a80001"
            "c0a8000b"
            "0000"
            "01bb");
}

TEST(ProxyHeader, IPv6IsFiftyTwoBytes) {
  EXPECT_EQ(hex(proxy_header(ip("2001:db8::a"), ip("2001:db8:1::25"), 25)),
            "0d0a0d0a000d0a515549540a"
            "21"
            "21"
            "0024"
            "20010db800000000000000000000000a"
            "20010db8000100000000000000000025"
            "0000"
            "0019");
}

TEST(ProxyHeader, BytesAboveSevenBitsStayAsTheyAre) {
  EXPECT_EQ(hex(proxy_header(ip("255.254.253.252"), ip("128.129.130.131"), 65535)).substr(32),
            "fffefdfc80818283"
            "0000"
            "ffff");
}

TEST(ProxyHeader, DifferentFamiliesHaveNoHeader) {
  EXPECT_EQ(proxy_header(ip("192.0.2.1"), ip("2001:db8::1"), 25), "");
  EXPECT_EQ(proxy_header(ip("2001:db8::1"), ip("192.0.2.1"), 25), "");
}

}  // namespace
}  // namespace hongyan::smtp
