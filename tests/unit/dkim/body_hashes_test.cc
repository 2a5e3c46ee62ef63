#include "engine/dkim/body_hashes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hongyan::dkim {
namespace {

Digest plain(std::string_view body) {
  BodyHasher hasher;
  hasher.add(body);
  return hasher.finish();
}

TEST(BodyHashes, SharedBodyIsHashedOnceHoweverItIsCut) {
  BodyHashes hashes;
  const std::vector<std::string_view> whole = {"Hello\r\n", "all\r\n"};
  const std::vector<std::string_view> cut = {"Hel", "lo\r\nal", "", "l\r\n"};
  EXPECT_EQ(hashes.hash(whole), plain("Hello\r\nall\r\n"));
  EXPECT_EQ(hashes.hash(cut), plain("Hello\r\nall\r\n"));
  EXPECT_EQ(hashes.computed(), 1U);
}

TEST(BodyHashes, BodiesOfOneLengthAreToldApart) {
  BodyHashes hashes;
  const std::vector<std::string_view> a = {"Hello A\r\n"};
  const std::vector<std::string_view> b = {"Hello B\r\n"};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(hashes.hash(a), plain("Hello A\r\n"));
    EXPECT_EQ(hashes.hash(b), plain("Hello B\r\n"));
  }
  EXPECT_EQ(hashes.computed(), 2U);
}

TEST(BodyHashes, PersonalBodiesAreHashedEach) {
  BodyHashes hashes;
  for (int round = 0; round < 200; ++round) {
    const std::string body = "Hello " + std::to_string(round) + "\r\n";
    const std::vector<std::string_view> pieces = {body};
    EXPECT_EQ(hashes.hash(pieces), plain(body));
  }
  EXPECT_EQ(hashes.computed(), 200U);
}

}  // namespace
}  // namespace hongyan::dkim
