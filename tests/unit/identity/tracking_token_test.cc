#include "engine/identity/tracking_token.h"

#include "engine/identity/unsubscribe_token.h"

#include <gtest/gtest.h>

namespace hongyan::identity {
namespace {

const Tracking kClick{"spring-1", 41, 255, 3, "https://acme.example/?a=1&b=2"};

TEST(TrackingToken, ComesBackAsItWas) {
  const std::string token = seal_tracking("secret", kClick);
  EXPECT_EQ(open_tracking("secret", token), kClick);
  EXPECT_EQ(seal_tracking("secret", kClick), token);  // a resend is the same message
  EXPECT_EQ(token.find("acme"), std::string::npos);
  const Tracking open{"spring-1", 0, 0, 0, ""};
  EXPECT_EQ(open_tracking("secret", seal_tracking("secret", open)), open);
}

TEST(TrackingToken, NoLetterOfItMayBeAnother) {
  const std::string token = seal_tracking("secret", kClick);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string forged = token;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(open_tracking("secret", forged)) << i;
  }
  EXPECT_FALSE(open_tracking("another", token));
  EXPECT_FALSE(open_tracking("secret", ""));
}

TEST(TrackingToken, IsNoLinkThatUnsubscribesNorTheOtherWayRound) {
  EXPECT_FALSE(open_unsubscriber("secret", seal_tracking("secret", kClick)));
  const Unsubscriber who{"acme", "li@x.example", "spring-1", 1, 2};
  EXPECT_FALSE(open_tracking("secret", seal_unsubscriber("secret", who)));
}

TEST(TrackingToken, OfALetterIsNoneOfAJob) {
  const LetterTracking click{"lily@163.com", "l1", 2, "https://acme.example/?a=1&b=2"};
  const std::string token = seal_letter_tracking("secret", click);
  EXPECT_EQ(open_letter_tracking("secret", token), click);
  EXPECT_EQ(seal_letter_tracking("secret", click), token);
  EXPECT_EQ(token.find("lily"), std::string::npos);
  EXPECT_FALSE(open_letter_tracking("another", token));
  EXPECT_FALSE(open_tracking("secret", token));
  EXPECT_FALSE(open_letter_tracking("secret", seal_tracking("secret", kClick)));
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string forged = token;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(open_letter_tracking("secret", forged)) << i;
  }
}

}  // namespace
}  // namespace hongyan::identity
