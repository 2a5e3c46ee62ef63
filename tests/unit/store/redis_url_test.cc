#include "store/redis/url.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

namespace hongyan::redis {
namespace {

TEST(RedisUrl, FullFormIsTakenApart) {
  const auto url = parse_url("rediss://al%40ice:p%3Aw@redis.example:6380/3?ca=/x/ca.pem&verify=no");
  ASSERT_TRUE(url) << url.error().detail;
  EXPECT_EQ(url->transport, Transport::kTls);
  EXPECT_EQ(url->user, "al@ice");
  EXPECT_EQ(url->password, "p:w");
  EXPECT_EQ(url->host, "redis.example");
  EXPECT_EQ(url->port, 6380);
  EXPECT_EQ(url->db, 3);
  EXPECT_EQ(url->ca_file, "/x/ca.pem");
  EXPECT_FALSE(url->verify_peer);
}

TEST(RedisUrl, DefaultsAreThoseOfRedis) {
  const auto url = parse_url("redis://localhost");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->port, 6379);
  EXPECT_EQ(url->db, 0);
  EXPECT_TRUE(url->verify_peer);
}

TEST(RedisUrl, Ipv6StandsInBrackets) {
  EXPECT_EQ(parse_url("redis://[::1]:7000/1")->host, "::1");
  EXPECT_EQ(parse_url("redis://[::1]:7000/1")->port, 7000);
  EXPECT_EQ(parse_url("redis://[::1]")->masked(), "redis://[::1]:6379");
  EXPECT_FALSE(parse_url("redis://::1:7000"));
}

TEST(RedisUrl, SocketAndFolderAreKeptAsTheyAre) {
  const auto socket = parse_url("unix:/run/r.sock?db=2&password=x");
  ASSERT_TRUE(socket);
  EXPECT_EQ(socket->socket_path(), "/run/r.sock");
  EXPECT_EQ(socket->db, 2);
  EXPECT_EQ(socket->password, "x");
  EXPECT_EQ(parse_url("unix:///run/r.sock")->path, "/run/r.sock");
  EXPECT_EQ(parse_url("embedded:/var/lib/h")->socket_path(), "/var/lib/h/redis.sock");
}

TEST(RedisUrl, MaskedHidesTheSecret) {
  const auto masked = parse_url("redis://bob:hunter2@h/1?password=hunter2")->masked();
  EXPECT_EQ(masked, "redis://bob:***@h:6379/1");
}

TEST(RedisUrl, PasswordComesFromAFileWithoutItsLineEnd) {
  const auto file =
      std::filesystem::temp_directory_path() / ("hongyan-secret-" + std::to_string(::getpid()));
  std::ofstream(file) << "s e c\n";
  EXPECT_EQ(parse_url("redis://h?password_file=" + file.string())->password, "s e c");
  std::filesystem::remove(file);
  EXPECT_EQ(parse_url("redis://h?password_file=" + file.string()).error().code, "redis-url");
}

TEST(RedisUrl, WhatIsWrongIsSaidWithoutTheSecret) {
  const struct {
    const char* url;
    const char* says;
  } cases[] = {
      {"", "must begin with"},         {"http://h", "must begin with"},
      {"redis://", "host is missing"}, {"redis://:6379", "host is missing"},
      {"redis://h:0", "port"},         {"redis://h:65536", "port"},
      {"redis://h:12x", "port"},       {"redis://h/x", "database"},
      {"redis://h/-1", "database"},    {"redis://[::1", "lacks its"},
      {"redis://[::1]x", "after"},     {"redis://a:sec%zz@h", "hexadecimal"},
      {"redis://a@h", "no password"},  {"redis://h?colour=red", "unknown option `colour`"},
      {"redis://h?ca", "no value"},    {"redis://h?verify=maybe", "yes or no"},
      {"unix:", "path is missing"},    {"embedded:", "path is missing"},
  };
  for (const auto& [url, says] : cases) {
    const auto parsed = parse_url(url);
    ASSERT_FALSE(parsed) << url;
    EXPECT_EQ(parsed.error().code, "redis-url");
    EXPECT_NE(parsed.error().detail.find(says), std::string::npos)
        << url << ": " << parsed.error().detail;
    EXPECT_EQ(parsed.error().detail.find("sec%"), std::string::npos);
  }
}

}  // namespace
}  // namespace hongyan::redis
