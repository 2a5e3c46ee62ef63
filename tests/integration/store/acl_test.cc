#include "tests/integration/store/store_fixture.h"

#include <fstream>
#include <sstream>

namespace hongyan::store::test {
namespace {

// The users of docs/queue.md, loaded from there.
class Acl : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    std::ifstream page(HONGYAN_SOURCE_DIR "/docs/queue.md");
    int users = 0;
    for (std::string line; std::getline(page, line);) {
      const auto at = line.find("ACL SETUSER ");
      if (at == std::string::npos) continue;
      std::istringstream words(line.substr(at));
      std::vector<std::string> command;
      for (std::string word; words >> word;) command.push_back(word);
      const auto reply = call(command);
      ASSERT_FALSE(reply.is_error()) << line << ": " << reply.text();
      ++users;
    }
    ASSERT_EQ(users, 4);
  }
  bool may(std::string_view user, std::vector<std::string> command) {
    command.insert(command.begin(), {"ACL", "DRYRUN", std::string(user)});
    const auto reply = call(command);
    EXPECT_FALSE(reply.is_error()) << reply.text();
    return reply.text() == "OK";
  }
};

TEST_F(Acl, SubmitterPutsJobsAndListsAndSeesTheirProgressOnly) {
  EXPECT_TRUE(may("submitter", {"XADD", "hongyan:jobs", "*", "job", "{}"}));
  EXPECT_TRUE(may("submitter", {"RPUSH", "hongyan:{a}:recipients", "x"}));
  EXPECT_TRUE(may("submitter", {"EXPIRE", "hongyan:{a}:recipients", "604800"}));
  EXPECT_TRUE(may("submitter", {"SET", "hongyan:{a}:blob:logo", "x"}));
  EXPECT_TRUE(may("submitter", {"HGETALL", "hongyan:{a}:job"}));
  EXPECT_TRUE(may("submitter", {"GET", "hongyan:{a}:refused:1-0"}));
  EXPECT_TRUE(may("submitter", {"HGET", "hongyan:vault", "public_key"}));
  EXPECT_FALSE(may("submitter", {"HSET", "hongyan:vault", "public_key", "mine"}));
  EXPECT_FALSE(may("submitter", {"HGET", "hongyan:{li@x.example}:mailbox", "secret"}));
  // Documents and addresses of all tenants.
  EXPECT_FALSE(may("submitter", {"XRANGE", "hongyan:dead", "-", "+"}));
  EXPECT_FALSE(may("submitter", {"XREAD", "STREAMS", "hongyan:dead", "0"}));
  EXPECT_FALSE(may("submitter", {"XREAD", "STREAMS", "hongyan:events", "$"}));
  EXPECT_FALSE(may("submitter", {"LRANGE", "hongyan:{a}:recipients", "0", "-1"}));
  EXPECT_FALSE(may("submitter", {"GET", "hongyan:{a}:doc"}));
  EXPECT_FALSE(may("submitter", {"GET", "hongyan:{a}:blob:logo"}));
  EXPECT_FALSE(may("submitter", {"HSET", "hongyan:{a}:job", "state", "running"}));
  EXPECT_FALSE(may("submitter", {"XADD", "hongyan:control", "*", "op", "cancel"}));
  EXPECT_FALSE(may("submitter", {"XRANGE", "hongyan:jobs", "-", "+"}));
  EXPECT_FALSE(may("submitter", {"GET", "hongyan:{a}:c:0"}));
  EXPECT_FALSE(may("submitter", {"HGETALL", "hongyan:{acme}:ledger"}));
  EXPECT_FALSE(may("submitter", {"FCALL", "h1_control", "1", "hongyan:{a}:job"}));
  EXPECT_FALSE(may("submitter", {"FLUSHALL"}));
}

TEST_F(Acl, OperatorControlsJobsAndMoneyButNotTheServer) {
  EXPECT_TRUE(may("operator", {"XADD", "hongyan:control", "*", "op", "pause", "job", "a"}));
  EXPECT_TRUE(may("operator", {"FCALL", "h1_top_up", "1", "hongyan:{acme}:account"}));
  EXPECT_TRUE(may("operator", {"HGETALL", "hongyan:{acme}:ledger"}));
  EXPECT_FALSE(may("operator", {"FUNCTION", "LOAD", "x"}));
  EXPECT_FALSE(may("operator", {"CONFIG", "SET", "maxmemory", "1"}));
  EXPECT_FALSE(may("operator", {"EVAL", "return 1", "0"}));
  EXPECT_FALSE(may("operator", {"KEYS", "*"}));
  EXPECT_FALSE(may("operator", {"FLUSHALL"}));
  EXPECT_FALSE(may("operator", {"SET", "other:key", "x"}));
}

TEST_F(Acl, EngineLoadsFunctionsAndOwnsItsKeysOnly) {
  EXPECT_TRUE(may("engine", {"FUNCTION", "LOAD", "REPLACE", "x"}));
  EXPECT_TRUE(may("engine", {"CONFIG", "GET", "appendfsync"}));
  EXPECT_TRUE(may("engine", {"INFO"}));
  EXPECT_TRUE(
      may("engine", {"XREADGROUP", "GROUP", "hongyan", "e1", "STREAMS", "hongyan:jobs", ">"}));
  EXPECT_FALSE(may("engine", {"FUNCTION", "FLUSH"}));
  EXPECT_FALSE(may("engine", {"CONFIG", "SET", "appendonly", "no"}));
  EXPECT_FALSE(may("engine", {"FLUSHALL"}));
  EXPECT_FALSE(may("engine", {"GET", "other:key"}));
  EXPECT_FALSE(may("engine", {"ACL", "SETUSER", "x"}));
}

TEST_F(Acl, ReaderReads) {
  EXPECT_TRUE(may("reader", {"HGETALL", "hongyan:{a}:job"}));
  EXPECT_TRUE(may("reader", {"HGETALL", "hongyan:{acme}:ledger"}));
  EXPECT_TRUE(may("reader", {"XRANGE", "hongyan:events", "-", "+"}));
  EXPECT_FALSE(may("reader", {"GET", "hongyan:{a}:c:0"}));
  EXPECT_FALSE(may("reader", {"LRANGE", "hongyan:{a}:recipients", "0", "-1"}));
  EXPECT_FALSE(may("reader", {"XADD", "hongyan:jobs", "*", "job", "{}"}));
  EXPECT_FALSE(may("reader", {"DEL", "hongyan:{a}:job"}));
}

// Redis checks a user's rights also for what a function does on its behalf.
TEST_F(Acl, FunctionsWorkForThoseWhoMayCallThem) {
  const auto as = [&](std::string user) {
    auto options = server().connect_options();
    options.password = user + "-password";
    options.user = std::move(user);
    return options;
  };
  redis::BlockingClient engine(as("engine"));
  ASSERT_TRUE(engine.connect(std::chrono::seconds(10)));
  JobStore engine_store(engine.client());
  const auto made =
      engine.run(engine_store.intake({"a", "d", "{}", {{"price_micro_yuan", "7000"}}}));
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_TRUE(engine.run(engine_store.tick("a", 10)));
  redis::BlockingClient person(as("operator"));
  ASSERT_TRUE(person.connect(std::chrono::seconds(10)));
  JobStore person_store(person.client());
  const auto paused = person.run(person_store.control("a", "pause", "li", "", -1));
  ASSERT_TRUE(paused) << paused.error().detail;
  EXPECT_EQ(field("a", "state"), "paused");
}

}  // namespace
}  // namespace hongyan::store::test
