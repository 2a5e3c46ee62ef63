#include "store/redis/embedded.h"

#include "store/redis/blocking.h"
#include "store/redis/durability.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <optional>
#include <signal.h>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hongyan::redis {
namespace {

using namespace std::chrono_literals;
using async::Deadline;
using async::Task;

constexpr auto kPatience = 20s;

class EmbeddedRedis : public ::testing::Test {
 protected:
  EmbeddedRedis() : base_(::mkdtemp(pattern_.data())), dir_(base_ / "data") {}
  ~EmbeddedRedis() override {
    if (last_pid_ > 0) ::kill(last_pid_, SIGKILL);
    std::filesystem::remove_all(base_);
  }

  // Runs the task on a loop of its own, with everything it left behind.
  template <class T>
  static T run(async::net::io_context& loop, Task<T> task) {
    std::optional<T> result;
    async::TaskGroup group(loop.get_executor(), "test");
    group.spawn([](Task<T> inner, std::optional<T>* into) -> Task<> {
      into->emplace(co_await std::move(inner));
    }(std::move(task), &result));
    loop.restart();
    while (!result) loop.run_one();
    while (group.size() > 0) loop.run_one();
    return std::move(*result);
  }
  static bool stop(async::net::io_context& loop, EmbeddedServer& server) {
    return run(loop, [](EmbeddedServer* one) -> Task<bool> {
      co_await one->stop();
      co_return true;
    }(&server));
  }
  Result<void> start(async::net::io_context& loop, EmbeddedServer& server) {
    auto started = run(loop, server.start(Deadline::in(kPatience)));
    last_pid_ = server.pid();
    return started;
  }
  static bool alive(pid_t pid) { return ::kill(pid, 0) == 0; }

  std::string pattern_ = (std::filesystem::temp_directory_path() / "hongyan-emb-XXXXXX").string();
  std::filesystem::path base_;
  std::filesystem::path dir_;
  pid_t last_pid_ = 0;
};

TEST_F(EmbeddedRedis, StartsDurableAndPrivateAndStopsWithItsOnlyUser) {
  async::net::io_context loop;
  EmbeddedServer server(loop.get_executor(), dir_.string());
  const auto started = start(loop, server);
  ASSERT_TRUE(started) << started.error().detail;
  struct stat facts{};
  ::stat(dir_.c_str(), &facts);
  EXPECT_EQ(facts.st_mode & 0777u, 0700u);
  {
    BlockingClient client(*parse_url("embedded:" + dir_.string()));
    ASSERT_TRUE(client.connect(kPatience));
    const auto found = client.run(check_durability(client.client(), Deadline::in(kPatience)));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->durable, Durable::kYes);
    EXPECT_EQ(found->fsync, "always");
    EXPECT_TRUE(found->faults.empty());
    EXPECT_EQ(
        client.call(Command("CONFIG").arg("GET").arg("port"), kPatience)->find("port")->text(),
        "0");
  }
  const pid_t pid = server.pid();
  stop(loop, server);
  EXPECT_FALSE(alive(pid));
}

TEST_F(EmbeddedRedis, IsFoundAgainAfterItsStarterIsGoneAndKeepsItsData) {
  const pid_t starter = ::fork();
  if (starter == 0) {
    async::net::io_context loop;
    EmbeddedServer crashed(loop.get_executor(), dir_.string());
    const bool started = start(loop, crashed).has_value();
    BlockingClient client(crashed.connect_options());
    const bool set = client.connect(kPatience).has_value() &&
                     client.call(Command("SET").arg("k").arg("v"), kPatience).has_value();
    std::ofstream(base_ / "pid") << crashed.pid() << std::flush;
    ::_exit(started && set ? 0 : 1);
  }
  int status = -1;
  ::waitpid(starter, &status, 0);
  ASSERT_EQ(status, 0);
  pid_t pid = 0;
  std::ifstream(base_ / "pid") >> pid;
  ASSERT_TRUE(alive(pid));
  async::net::io_context loop;
  EmbeddedServer next(loop.get_executor(), dir_.string());
  ASSERT_TRUE(start(loop, next));
  EXPECT_TRUE(next.found());
  EXPECT_EQ(next.pid(), pid);
  {
    BlockingClient client(next.connect_options());
    ASSERT_TRUE(client.connect(kPatience));
    EXPECT_EQ(client.call(Command("GET").arg("k"), kPatience)->text(), "v");
  }
  stop(loop, next);
}

TEST_F(EmbeddedRedis, ServerItselfHoldsTheLockThatKeepsASecondOneAway) {
  async::net::io_context loop;
  EmbeddedServer server(loop.get_executor(), dir_.string());
  ASSERT_TRUE(start(loop, server));
  const int lock = ::open((dir_ / "server.lock").c_str(), O_RDWR | O_CLOEXEC);
  EXPECT_NE(::flock(lock, LOCK_EX | LOCK_NB), 0);
  stop(loop, server);
  EXPECT_EQ(::flock(lock, LOCK_EX | LOCK_NB), 0);
  ::close(lock);
}

TEST_F(EmbeddedRedis, DiesAndIsStartedAgainWithItsData) {
  async::net::io_context loop;
  EmbeddedServer server(loop.get_executor(), dir_.string());
  ASSERT_TRUE(start(loop, server));
  const std::string value =
      run(loop, [](EmbeddedServer* one, async::Executor ex) -> Task<std::string> {
        Client client(ex, one->connect_options());
        (void)co_await client.connect(Deadline::in(kPatience));
        (void)co_await client.call(Command("SET").arg("k").arg("kept"), Deadline::in(kPatience));
        ::kill(one->pid(), SIGKILL);
        while (one->restarts() == 0 || client.epoch() < 2) co_await async::sleep_for(5ms);
        auto reply = co_await client.call(Command("GET").arg("k"), Deadline::in(kPatience));
        co_await client.close();
        co_return std::string(reply ? reply->text() : reply.error().code);
      }(&server, loop.get_executor()));
  last_pid_ = server.pid();
  EXPECT_EQ(value, "kept");
  EXPECT_EQ(server.restarts(), 1u);
  stop(loop, server);
}

TEST_F(EmbeddedRedis, TwoUsersShareOneServerUntilTheLastStops) {
  async::net::io_context loop;
  EmbeddedServer one(loop.get_executor(), dir_.string());
  EmbeddedServer two(loop.get_executor(), dir_.string());
  ASSERT_TRUE(start(loop, one));
  ASSERT_TRUE(start(loop, two));
  EXPECT_EQ(one.pid(), two.pid());
  const pid_t pid = one.pid();
  stop(loop, one);
  EXPECT_TRUE(alive(pid));
  stop(loop, two);
  while (alive(pid)) {  // a zombie until `one`, whose child it is, would have reaped it
    if (::waitpid(pid, nullptr, WNOHANG) != 0) break;
  }
}

TEST_F(EmbeddedRedis, KeptServerOutlivesItsUser) {
  async::net::io_context loop;
  EmbeddedServer server(loop.get_executor(), dir_.string(),
                        {.appendfsync = "everysec", .keep = true});
  ASSERT_TRUE(start(loop, server));
  const pid_t pid = server.pid();
  stop(loop, server);
  EXPECT_TRUE(alive(pid));
}

TEST_F(EmbeddedRedis, LongFolderNameWorks) {
  dir_ = base_ / std::string(100, 'a') / std::string(100, 'b');
  async::net::io_context loop;
  EmbeddedServer server(loop.get_executor(), dir_.string());
  const auto started = start(loop, server);
  ASSERT_TRUE(started) << started.error().detail;
  stop(loop, server);
}

TEST_F(EmbeddedRedis, FolderThatIsAFileIsRefusedWithASentence) {
  std::ofstream(dir_) << "x";
  async::net::io_context loop;
  EmbeddedServer server(loop.get_executor(), dir_.string());
  const auto started = start(loop, server);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, "redis-embedded");
  EXPECT_NE(started.error().detail.find("is no folder"), std::string::npos);
}

}  // namespace
}  // namespace hongyan::redis
