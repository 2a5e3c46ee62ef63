#include "store/redis/client.h"

#include "base/async/task_group.h"
#include "store/redis/blocking.h"
#include "store/redis/durability.h"
#include "store/redis/functions.h"
#include "tests/support/redis_server.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace hongyan::redis {
namespace {

using namespace std::chrono_literals;
using async::Deadline;
using async::Task;
using test::RedisServer;

constexpr auto kPatience = 20s;

BlockingClient connected(const ConnectOptions& options) {
  BlockingClient client(options);
  const auto done = client.connect(kPatience);
  EXPECT_TRUE(done) << done.error().detail;
  return client;
}

TEST(RedisClient, RepliesOfAPipelineComeInTheOrderOfItsCommands) {
  RedisServer server;
  auto client = connected(server.connect_options());
  std::vector<Command> commands;
  for (int i = 0; i < 20'000; ++i) commands.push_back(Command("ECHO").arg(i));
  const auto replies = client.pipeline(std::move(commands), kPatience);
  ASSERT_TRUE(replies);
  for (int i = 0; i < 20'000; ++i) ASSERT_EQ((*replies)[i].text(), std::to_string(i));
}

TEST(RedisClient, LargeBinaryValueComesBackUnchanged) {
  RedisServer server({.tcp = true});
  auto client = connected(server.connect_options());
  std::string value(9'000'000, '\0');
  for (std::size_t i = 0; i < value.size(); ++i) value[i] = static_cast<char>(i * 7);
  ASSERT_TRUE(client.call(Command("SET").arg("k").arg(value), kPatience));
  EXPECT_EQ(client.call(Command("GET").arg("k"), kPatience)->text(), value);
}

TEST(RedisClient, EveryCallOutstandingAtAKillIsToldThatItIsLost) {
  RedisServer server;
  auto client = connected(server.connect_options());
  int lost = 0;
  int other = 0;
  for (int i = 0; i < 100; ++i)
    client.client().submit(Command("BLPOP").arg("nothing").arg(0), Deadline::in(kPatience),
                           [&](Result<Reply> reply) {
                             ++(!reply && reply.error().code == "redis-lost" ? lost : other);
                           });
  client.run([](RedisServer* redis) -> Task<int> {
    co_await async::sleep_for(50ms);
    redis->kill9();
    co_return 0;
  }(&server));
  const auto away = client.run([](Client* redis) -> Task<Result<Reply>> {
    while (redis->connected()) co_await async::sleep_for(5ms);
    co_await async::sleep_for(5ms);
    co_return co_await redis->call(Command("PING"), Deadline::in(kPatience));
  }(&client.client()));
  EXPECT_EQ(lost, 100);
  EXPECT_EQ(other, 0);
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().code, "redis-away");
}

TEST(RedisClient, ComesBackByItselfAndSeesAnotherRunId) {
  RedisServer server;
  auto client = connected(server.connect_options());
  std::vector<std::string> ids{std::string(client.client().run_id())};
  client.client().on_connected([&](std::string_view id, std::uint64_t) { ids.emplace_back(id); });
  ASSERT_TRUE(client.call(Command("SET").arg("kept").arg("yes"), kPatience));
  server.restart();
  EXPECT_EQ(client.run([](Client* redis) -> Task<std::string> {
    while (redis->epoch() < 2) co_await async::sleep_for(5ms);
    co_return std::string(
        (co_await redis->call(Command("GET").arg("kept"), Deadline::in(kPatience)))->text());
  }(&client.client())),
            "yes");
  ASSERT_EQ(ids.size(), 2u);
  EXPECT_EQ(ids[0].size(), 40u);
  EXPECT_NE(ids[0], ids[1]);
  EXPECT_EQ(client.client().reconnects(), 1u);
}

TEST(RedisClient, FrozenServerFailsCallsAtTheirDeadlineAndALateReplyIsDropped) {
  RedisServer server;
  auto client = connected(server.connect_options());
  server.freeze();
  const auto late = client.call(Command("ECHO").arg("late"), 50ms);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, "redis-timeout");
  server.thaw();
  EXPECT_EQ(client.call(Command("ECHO").arg("next"), kPatience)->text(), "next");
}

TEST(RedisClient, AclUserLogsInAndIsHeldToItsRights) {
  RedisServer server({.tcp = true, .acl = {"alice on >s3cret ~a:* +get +set +info +client"}});
  ConnectOptions options = server.connect_options();
  options.user = "alice";
  options.password = "s3cret";
  auto client = connected(options);
  EXPECT_FALSE(client.call(Command("SET").arg("a:1").arg("x"), kPatience)->is_error());
  EXPECT_EQ(client.call(Command("SET").arg("b:1").arg("x"), kPatience)->error_code(), "NOPERM");
}

TEST(RedisClient, WrongPasswordIsDeniedAtOnce) {
  RedisServer server({.acl = {"alice on >s3cret ~* +@all"}});
  ConnectOptions options = server.connect_options();
  options.user = "alice";
  options.password = "wrong";
  BlockingClient client(options);
  const auto done = client.connect(kPatience);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, "redis-denied");
  EXPECT_EQ(done.error().detail.find("wrong pass"), std::string::npos);
}

TEST(RedisClient, TlsServerIsVerifiedAndUsed) {
  RedisServer server({.tls = true});
  auto client = connected(server.connect_options());
  EXPECT_EQ(client.call(Command("PING"), kPatience)->text(), "PONG");
}

TEST(RedisClient, TlsServerOfAnUnknownAuthorityIsDenied) {
  RedisServer server({.tls = true});
  ConnectOptions options = server.connect_options();
  options.ca_file.clear();
  BlockingClient client(options);
  const auto done = client.connect(kPatience);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, "redis-denied");
}

TEST(RedisClient, TlsServerWithAnotherNameIsDenied) {
  RedisServer server({.tls = true});
  ConnectOptions options = server.connect_options();
  options.server_name = "redis.example";
  BlockingClient client(options);
  const auto done = client.connect(kPatience);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, "redis-denied");
}

TEST(RedisClient, FullServerAnswersOom) {
  RedisServer server({.config = {"--maxmemory", "2mb"}});
  auto client = connected(server.connect_options());
  const std::string value(1'000'000, 'x');
  std::string code;
  for (int i = 0; i < 10 && code.empty(); ++i)
    code = client.call(Command("SET").arg(i).arg(value), kPatience)->error_code();
  EXPECT_EQ(code, "OOM");
}

TEST(RedisClient, NobodyListeningIsAwayAfterTheDeadline) {
  BlockingClient client(*parse_url("unix:/nonexistent/redis.sock"));
  const auto done = client.connect(100ms);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, "redis-away");
  EXPECT_NE(done.error().detail.find("/nonexistent/redis.sock"), std::string::npos);
}

TEST(RedisClient, SocketPathBeyondWhatAnAddressHoldsIsReached) {
  RedisServer server;
  const auto deep = server.dir() / std::string(120, 'd');
  std::filesystem::create_directory(deep);
  std::filesystem::create_symlink(server.dir() / "redis.sock", deep / "redis.sock");
  auto client = connected(*parse_url("unix:" + (deep / "redis.sock").string()));
  EXPECT_EQ(client.call(Command("PING"), kPatience)->text(), "PONG");
}

TEST(RedisClient, LoadingServerIsAwayUntilItHasLoaded) {
  RedisServer server;
  auto filler = connected(server.connect_options());
  ASSERT_FALSE(
      filler
          .call(Command("EVAL").arg("for i=1,3000 do redis.call('SET','k'..i,'v') end").arg(0),
                kPatience)
          ->is_error());
  server.kill9();
  RedisServer slow(
      {.config = {"--key-load-delay", "1000", "--loading-process-events-interval-bytes", "1024"}});
  slow.kill9();
  std::filesystem::remove_all(slow.dir() / "appendonlydir");
  std::filesystem::copy(server.dir() / "appendonlydir", slow.dir() / "appendonlydir",
                        std::filesystem::copy_options::recursive);
  slow.restart(false);
  BlockingClient client(slow.connect_options());
  EXPECT_FALSE(client.connect(1ms));
  EXPECT_TRUE(client.run([](Client* redis) -> Task<bool> {
    bool seen = false;
    while (!redis->connected()) {
      seen = seen || redis->last_error().detail.find("loading") != std::string::npos;
      co_await async::sleep_for(1ms);
    }
    co_return seen;
  }(&client.client())));
  EXPECT_EQ(client.call(Command("GET").arg("k3000"), kPatience)->text(), "v");
}

TEST(RedisClient, ClientMayDieWithCallsOutstanding) {
  RedisServer server;
  async::net::io_context loop;
  int answered = 0;
  {
    Client client(loop.get_executor(), server.connect_options());
    async::TaskGroup group(loop.get_executor(), "test");
    group.spawn([](Client* redis) -> Task<> {
      (void)co_await redis->connect(Deadline::in(kPatience));
    }(&client));
    while (!client.connected()) loop.run_one();
    client.submit(Command("BLPOP").arg("nothing").arg(0), Deadline::in(kPatience),
                  [&](Result<Reply>) { ++answered; });
    loop.poll();
  }
  loop.restart();
  loop.run();
  EXPECT_EQ(answered, 1);
}

TEST(RedisDurability, AlwaysIsDurableAndNoFileIsWeak) {
  RedisServer server;
  auto client = connected(server.connect_options());
  const auto found = client.run(check_durability(client.client(), Deadline::in(kPatience)));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->durable, Durable::kYes);
  EXPECT_EQ(found->fsync, "always");
  EXPECT_TRUE(found->faults.empty());

  RedisServer without({.appendfsync = "off"});
  auto other = connected(without.connect_options());
  EXPECT_EQ(other.run(check_durability(other.client(), Deadline::in(kPatience)))->durable,
            Durable::kWeak);
}

TEST(RedisDurability, DeniedConfigIsUnreadable) {
  RedisServer server({.acl = {"alice on >s ~* +@all -config"}});
  ConnectOptions options = server.connect_options();
  options.user = "alice";
  options.password = "s";
  auto client = connected(options);
  const auto found = client.run(check_durability(client.client(), Deadline::in(kPatience)));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->durable, Durable::kUnreadable);
  EXPECT_TRUE(found->faults.empty());
}

std::string library(const std::string& name, int revision) {
  return "#!lua name=" + name + "\nredis.register_function{function_name='" + name +
         "_revision', callback=function() return " + std::to_string(revision) +
         " end, flags={'no-writes'}}\n";
}

TEST(RedisFunctions, LibraryIsLoadedUpgradedAndNeverTakenBack) {
  RedisServer server;
  auto client = connected(server.connect_options());
  const auto ensure = [&](const std::string& name, int revision, const std::string& source) {
    return client.run(
        ensure_library(client.client(), name, revision, source, Deadline::in(kPatience)));
  };
  const auto now = [&](const std::string& name) {
    return client.call(Command("FCALL").arg(name + "_revision").arg(0), kPatience)->integer();
  };
  ASSERT_TRUE(ensure("h1", 3, library("h1", 3)));
  ASSERT_TRUE(ensure("h1", 4, library("h1", 4)));
  EXPECT_EQ(now("h1"), 4);
  const auto older = ensure("h1", 3, library("h1", 3));
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code, "redis-functions-newer");
  EXPECT_EQ(now("h1"), 4);
  ASSERT_TRUE(ensure("h2", 1, library("h2", 1)));
  EXPECT_EQ(now("h1"), 4);
  EXPECT_EQ(ensure("h3", 1, "#!lua name=h3\nsyntax error").error().code, "redis-functions-broken");
  EXPECT_EQ(ensure("h4", 2, library("h4", 1)).error().code, "redis-functions-broken");
}

}  // namespace
}  // namespace hongyan::redis
