#include "store/tls_sessions.h"

#include "tests/integration/store/store_fixture.h"

namespace hongyan::store::test {
namespace {

using TlsSessionsTest = StoreTest;

TEST_F(TlsSessionsTest, AddUpByDay) {
  TlsSessions sessions(store());
  ASSERT_TRUE(
      client().run(sessions.add("2026-11-20", {{"x.example|sts|ok", 2}, {"y|tlsa|ok", 1}})));
  ASSERT_TRUE(client().run(sessions.add("2026-11-20", {{"x.example|sts|ok", 3}})));
  ASSERT_TRUE(client().run(sessions.add("2026-11-21", {{"x.example|sts|ok", 7}})));
  EXPECT_EQ(run(sessions.load("2026-11-20")),
            (TlsSessions::Fields{{"x.example|sts|ok", 5}, {"y|tlsa|ok", 1}}));
  EXPECT_TRUE(run(sessions.load("2026-11-19")).empty());
  EXPECT_GT(call({"TTL", keys::tls_sessions("2026-11-20")}).integer(), 13 * 86400);
}

TEST_F(TlsSessionsTest, KindsBeyondTheMostAreCountedAsUnlisted) {
  const auto add = [&](const std::string& field) {
    return fcall_keys("h1_tls_sessions", {"hongyan:tlsrpt:2026-11-20"},
                      {"2", "60", field, "1", "a", "1"});
  };
  for (const char* field : {"a", "b", "c", "d", "b"}) EXPECT_FALSE(add(field).is_error());
  TlsSessions sessions(store());
  EXPECT_EQ(run(sessions.load("2026-11-20")),
            (TlsSessions::Fields{{"a", 6}, {"b", 2}, {"unlisted", 2}}));
}

}  // namespace
}  // namespace hongyan::store::test
