#pragma once

#include "base/async/event.h"
#include "base/async/task_group.h"
#include "engine/job/job.h"
#include "engine/list/row.h"
#include "store/job_store.h"
#include "store/redis/client.h"
#include "store/suppression.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace hongyan::engine {

struct PlannerStats {
  std::atomic<std::uint64_t> rows{0};
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::uint64_t> chunks{0};
};

// Turns lists into chunks, one step of at most about a mebibyte at a time, so that memory stays
// flat whatever the length of the list. A step is taken off the list only when all its chunks are
// written; a planner that dies in the middle is followed by another that makes the same chunks.
//
// Never waits for DNS: recipients are grouped by domain where one has many, so that a slow receiver
// holds up its own chunks only; the rest is mixed.
//
// Thread: its own (it is the part of the engine that burns processor time on lists).
class Planner {
 public:
  struct Options {
    redis::ConnectOptions redis;
    std::string engine;
    // The document's own list, when it brought one: items as for the list key.
    std::function<std::vector<std::string>(const std::string& document)> inline_items;
    // False: Redis is nearly full or the engine must not take work.
    std::function<bool()> may_plan;
  };

  explicit Planner(Options options);
  ~Planner();

  void start();
  void stop();
  const PlannerStats& stats() const { return stats_; }

 private:
  struct Step;
  async::Task<> run();
  async::Task<bool> plan_some(std::string id);
  async::Task<Result<std::vector<std::string>>> read_items(std::string id, std::int64_t count);
  // A chunk and the addresses of those in it that may be sent to, by index.
  struct Packed {
    store::PlannedChunk chunk;
    std::vector<std::pair<std::uint32_t, std::string>> addresses;
  };
  async::Task<bool> write(const Step& step, std::vector<Packed> chunks);
  // Takes out who must get no mail; false: nobody can tell now.
  async::Task<bool> suppress(const Step& step, Packed& packed);
  std::vector<Packed> make_chunks(const Step& step, std::vector<list::Row> rows);

  Options options_;
  async::net::io_context io_{1};
  redis::Client client_;
  store::JobStore store_;
  store::SuppressionStore suppressions_;
  PlannerStats stats_;
  bool stopping_ = false;
  async::Event wake_;
  std::thread thread_;
};

}  // namespace hongyan::engine
