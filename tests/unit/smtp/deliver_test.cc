#include "engine/smtp/deliver.h"

#include <gtest/gtest.h>

namespace hongyan::smtp {
namespace {

TEST(NormaliseContent, EveryLineEndsWithCrLf) {
  EXPECT_EQ(*normalise_content("a\nb\r\nc\rd"), "a\r\nb\r\nc\r\nd\r\n");
  EXPECT_EQ(*normalise_content("a\n\r\n\n"), "a\r\n\r\n\r\n");
  EXPECT_EQ(*normalise_content(""), "");
  EXPECT_EQ(*normalise_content(".a\n"), ".a\r\n");
}

TEST(NormaliseContent, ALineTooLongIsNamed) {
  EXPECT_TRUE(normalise_content(std::string(998, 'x') + "\n"));
  const auto refused = normalise_content("ok\n" + std::string(999, 'x'));
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().detail.starts_with("line 2 has 999 bytes"));
}

TEST(Deliver, AProxyHasToBeAnEndpointAndToldTheSource) {
  DeliverRequest request;
  request.host = "127.0.0.1";
  request.recipients = {"li@example.cn"};
  request.proxy = "proxy.example:2526";
  request.source = "192.0.2.1";
  EXPECT_EQ(deliver(request).error().detail, "`proxy.example:2526` is no proxy's ip:port");
  request.proxy = "10.0.0.5:2526";
  request.source.clear();
  EXPECT_EQ(deliver(request).error().detail, "a proxy needs to be told the source address");
}

TEST(Deliver, NamesAreRefusedBecauseNobodyLooksThemUp) {
  DeliverRequest request;
  request.host = "mx.example";
  request.recipients = {"li@example.cn"};
  const auto outcome = deliver(request);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, "bad-host");
}

}  // namespace
}  // namespace hongyan::smtp
