#include "base/network.h"

#include <gtest/gtest.h>

namespace hongyan {
namespace {

IpAddress ip(const char* text) {
  return IpAddress::parse(text).value();
}

TEST(IpAddress, TextOfBothFamiliesIsReadAndPrinted) {
  EXPECT_EQ(ip("192.0.2.1").to_string(), "192.0.2.1");
  EXPECT_EQ(ip("2001:DB8:0:0::1").to_string(), "2001:db8::1");
  for (const char* bad : {"", "1.2.3", "1.2.3.4.5", "01.2.3.4", "256.1.1.1", "::g", "[::1]",
                          "::1%lo", "1.2.3.4:25", " 1.2.3.4"})
    EXPECT_FALSE(IpAddress::parse(bad)) << bad;
  EXPECT_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0x", 9)));
}

TEST(IpAddress, MappedAddressesAreSeenThrough) {
  EXPECT_EQ(ip("::ffff:10.1.2.3").unmapped(), ip("10.1.2.3"));
  EXPECT_NE(ip("::ffff:10.1.2.3"), ip("10.1.2.3"));
  EXPECT_EQ(ip("1::ffff:10.1.2.3").unmapped(), ip("1::ffff:10.1.2.3"));
}

TEST(Network, ContainsWhatItsPrefixSays) {
  const auto net = Network::parse("10.16.0.0/12").value();
  EXPECT_TRUE(net.contains(ip("10.16.0.0")));
  EXPECT_TRUE(net.contains(ip("10.31.255.255")));
  EXPECT_FALSE(net.contains(ip("10.32.0.0")));
  EXPECT_TRUE(net.contains(ip("::ffff:10.17.0.1")));
  EXPECT_FALSE(net.contains(ip("::10.17.0.1")));
  EXPECT_TRUE(Network::parse("0.0.0.0/0")->contains(ip("8.8.8.8")));
  EXPECT_FALSE(Network::parse("::/0")->contains(ip("8.8.8.8")));
  EXPECT_TRUE(Network::parse("2001:db8::/33")->contains(ip("2001:db8:7fff::1")));
  EXPECT_FALSE(Network::parse("2001:db8::/33")->contains(ip("2001:db8:8000::1")));
  EXPECT_TRUE(Network::parse("::1")->contains(ip("::1")));
  EXPECT_EQ(Network::parse("192.168.1.1")->to_string(), "192.168.1.1/32");
}

TEST(Network, WhatIsNoBlockIsRefusedWithAReason) {
  for (const char* bad : {"", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "::/129",
                          "localhost", "10.0.0.1/8", "/8"}) {
    const auto net = Network::parse(bad);
    ASSERT_FALSE(net) << bad;
    EXPECT_EQ(net.error().code, "bad-network");
    EXPECT_NE(net.error().detail.find("is needed"), std::string::npos);
  }
}

TEST(SpecialAddress, KindsAreNamed) {
  const struct {
    const char* address;
    const char* kind;
  } table[] = {
      {"127.0.0.1", "loopback"},
      {"127.255.255.254", "loopback"},
      {"0.0.0.0", "unspecified"},
      {"0.1.2.3", "reserved"},
      {"10.0.0.1", "private"},
      {"172.31.255.255", "private"},
      {"192.168.0.1", "private"},
      {"100.64.0.1", "private"},
      {"169.254.169.254", "link-local"},
      {"224.0.0.1", "multicast"},
      {"255.255.255.255", "reserved"},
      {"::1", "loopback"},
      {"::", "unspecified"},
      {"fe80::1", "link-local"},
      {"fc00::1", "private"},
      {"fdff::1", "private"},
      {"ff02::1", "multicast"},
      {"::ffff:127.0.0.1", "loopback"},
      {"::ffff:169.254.169.254", "link-local"},
      {"::7f00:1", "reserved"},
      {"64:ff9b::7f00:1", "loopback"},
      {"2002:7f00:1::1", "loopback"},
      {"2002:a00:1::", "private"},
      {"2001:db8::1", "reserved"},
      {"2001:0:4136::1", "reserved"},
  };
  for (const auto& row : table) EXPECT_EQ(special_kind(ip(row.address)), row.kind) << row.address;
  for (const char* open : {"8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111",
                           "64:ff9b::808:808", "2002:808:808::1", "::ffff:8.8.8.8"})
    EXPECT_FALSE(is_special(ip(open))) << open;
}

TEST(PeerFilter, AllowBeatsSpecialAndOwn) {
  const PeerFilter none;
  EXPECT_EQ(none.refuses(ip("127.0.0.1")), "loopback");
  EXPECT_EQ(none.refuses(ip("8.8.8.8")), std::nullopt);
  const PeerFilter filter{{*Network::parse("127.0.0.0/8"), *Network::parse("9.9.9.9")},
                          {*Network::parse("9.9.9.0/24")}};
  EXPECT_EQ(filter.refuses(ip("127.0.0.1")), std::nullopt);
  EXPECT_EQ(filter.refuses(ip("::ffff:127.0.0.1")), std::nullopt);
  EXPECT_EQ(filter.refuses(ip("::1")), "loopback");
  EXPECT_EQ(filter.refuses(ip("9.9.9.8")), "own network");
  EXPECT_EQ(filter.refuses(ip("64:ff9b::909:908")), "own network");
  EXPECT_EQ(filter.refuses(ip("::ffff:9.9.9.8")), "own network");
  EXPECT_EQ(filter.refuses(ip("9.9.9.9")), std::nullopt);
}

}  // namespace
}  // namespace hongyan
