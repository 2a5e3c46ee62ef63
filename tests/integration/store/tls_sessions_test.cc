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

TEST_F(TlsSessionsTest, OneEngineHasTheTurnUntilTheDayIsDone) {
  using Turn = TlsSessions::Turn;
  TlsSessions sessions(store());
  EXPECT_EQ(run(sessions.take_turn("2026-11-20", "e1")), Turn::kMine);
  EXPECT_EQ(run(sessions.take_turn("2026-11-20", "e2")), Turn::kOthers);
  EXPECT_EQ(run(sessions.take_turn("2026-11-21", "e2")), Turn::kMine);
  const std::string key = keys::tls_sender("2026-11-20");
  EXPECT_EQ(call({"EXPIRE", key, "5"}).integer(), 1);
  EXPECT_EQ(run(sessions.take_turn("2026-11-20", "e1")), Turn::kMine);
  EXPECT_GT(call({"TTL", key}).integer(), 5);
  ASSERT_TRUE(client().run(sessions.finish("2026-11-20")));
  for (const char* engine : {"e1", "e2"})
    EXPECT_EQ(run(sessions.take_turn("2026-11-20", engine)), Turn::kDone);
}

}  // namespace
}  // namespace hongyan::store::test
