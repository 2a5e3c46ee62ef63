#pragma once

#include "store/commit_batch.h"
#include "store/job_store.h"
#include "store/keys.h"
#include "store/redis/blocking.h"
#include "tests/support/redis_server.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::store::test {

inline constexpr std::int64_t kPrice = 7000;

// A Redis with the function library; jobs are made and moved with single calls, as an engine does.
// The server is shared by the tests of a suite and flushed before each.
class StoreTest : public ::testing::Test {
 public:
  static void SetUpTestSuite();
  static void TearDownTestSuite();

 protected:
  void SetUp() override;

  // Any command; arguments as text. A refusal is a Reply with is_error().
  redis::Reply call(std::initializer_list<std::string_view> words);
  redis::Reply call(const std::vector<std::string>& words);
  // FCALL of a function with the job's hash as its key.
  redis::Reply fcall(std::string_view function, std::string_view job,
                     const std::vector<std::string>& args = {});
  // The same with any keys.
  redis::Reply fcall_keys(std::string_view function, const std::vector<std::string>& keys,
                          const std::vector<std::string>& args);
  template <class T>
  T run(async::Task<Result<T>> task) {
    auto result = client().run(std::move(task));
    EXPECT_TRUE(result) << result.error().detail;
    if (!result) return T{};
    return std::move(*result);
  }

  static redis::BlockingClient& client() { return *client_; }
  static hongyan::test::RedisServer& server() { return *server_; }
  JobStore& store() { return *store_; }

  // A created job, state planning.
  void make_job(std::string_view id, std::map<std::string, std::string> fields = {});
  // One chunk of `count` queued recipients, list complete, state running.
  void make_running_job(std::string_view id, int count,
                        std::map<std::string, std::string> fields = {});
  // Chunks in the order given, states as given; fingerprints are new ones.
  void plan(std::string_view id, const std::vector<std::string>& chunks, bool complete,
            std::string_view group = "*");
  void tick(std::string_view id, int times = 1);

  std::string field(std::string_view id, std::string_view name);
  std::int64_t number(std::string_view id, std::string_view name);
  void set(std::string_view id, std::string_view name, std::int64_t value);
  std::string states(std::string_view id, std::uint64_t chunk = 0);
  std::int64_t now_ms();

  std::optional<ClaimedChunk> claim(std::string_view id, std::string_view engine = "e1",
                                    std::string_view group = "1", int lease_ms = 20'000);
  CommitAnswer commit(std::string_view id, const std::vector<Step>& steps,
                      std::string_view engine = "e1");
  static Step mark(const ClaimedChunk& chunk, std::uint32_t index, bool retry = false);
  static Step settle(const ClaimedChunk& chunk, std::uint32_t index, Settlement settlement,
                     Evidence evidence = Evidence::kNone, std::string wait = {},
                     std::string result = {});
  static Step delivered(const ClaimedChunk& chunk, std::uint32_t index);

  // Every counter equals its state bytes, and money what the states say.
  void expect_consistent(std::string_view id);

  BillingDay today_{"2026-11-20", 99'999'999'999'999, "2026-11-21"};

 private:
  static std::unique_ptr<hongyan::test::RedisServer> server_;
  static std::unique_ptr<redis::BlockingClient> client_;
  std::unique_ptr<JobStore> store_;
  std::uint64_t next_fingerprint_ = 1;
};

}  // namespace hongyan::store::test
