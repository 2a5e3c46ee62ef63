#include "engine/identity/unsubscribe_token.h"

#include <gtest/gtest.h>

namespace hongyan::identity {
namespace {

const std::string kSecret(32, 's');
const Unsubscriber kWho{"acme", "李@例え.example", "spring-1", 39062, 255};

TEST(UnsubscribeToken, OpensAsItWasSealed) {
  const std::string token = seal_unsubscriber(kSecret, kWho);
  const auto who = open_unsubscriber(kSecret, token);
  ASSERT_TRUE(who);
  EXPECT_EQ(*who, kWho);
}

TEST(UnsubscribeToken, TheSameMessageHasTheSameAndAnotherOneAnother) {
  EXPECT_EQ(seal_unsubscriber(kSecret, kWho), seal_unsubscriber(kSecret, kWho));
  Unsubscriber other = kWho;
  other.index = 254;
  const std::string token = seal_unsubscriber(kSecret, other);
  EXPECT_NE(seal_unsubscriber(kSecret, kWho).substr(0, 16), token.substr(0, 16));
}

TEST(UnsubscribeToken, FitsIntoALinkAndSaysNothing) {
  const std::string token = seal_unsubscriber(kSecret, kWho);
  EXPECT_EQ(
      token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
      std::string::npos);
  EXPECT_EQ(token.find("acme"), std::string::npos);
}

TEST(UnsubscribeToken, DamagedOrForgedOpensNothing) {
  const std::string token = seal_unsubscriber(kSecret, kWho);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'Q' : 'A';
    EXPECT_FALSE(open_unsubscriber(kSecret, changed)) << i;
  }
  for (std::size_t size = 0; size < token.size(); ++size)
    EXPECT_FALSE(open_unsubscriber(kSecret, token.substr(0, size))) << size;
  EXPECT_FALSE(open_unsubscriber(std::string(32, 'x'), token));
  for (const char* text : {"", "=", "+/==", "abc\xff", "%2e"})
    EXPECT_FALSE(open_unsubscriber(kSecret, text)) << text;
  EXPECT_FALSE(open_unsubscriber(kSecret, std::string(1'000'000, 'A')));
}

}  // namespace
}  // namespace hongyan::identity
