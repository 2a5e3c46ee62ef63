#pragma once

#include "base/async/task_group.h"
#include "engine/config/config.h"
#include "engine/job/job.h"
#include "mailbox/office/office.h"
#include "plan/desk/desk.h"
#include "store/job_store.h"
#include "store/redis/client.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hongyan::engine {

struct IntakeStats {
  std::uint64_t accepted = 0;
  std::uint64_t repeated = 0;
  std::uint64_t refused = 0;
  std::uint64_t control_done = 0;
  std::uint64_t control_refused = 0;
};

// Takes documents from hongyan:jobs and operations from hongyan:control by consumer group; entries
// that a dead engine had taken are taken over. An entry leaves its stream only when its outcome is
// durable: the job exists, or the refusal lies in hongyan:dead.
//
// Owner: the engine. Thread: its control thread. Uses a connection of its own: reads block.
class Intake {
 public:
  struct Options {
    redis::ConnectOptions redis;
    std::shared_ptr<const config::Config> config;
    std::string engine;
    std::function<bool()> may_take;
    mailbox::Office* office = nullptr;  // null: no vault, so no mailboxes
    plan::Desk& plans;
  };

  Intake(async::Executor executor, Options options);
  async::Task<> run(const async::TaskGroup& owner);
  async::Task<> close();
  const IntakeStats& stats() const { return stats_; }

 private:
  struct Entry {
    std::string id;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string field(std::string_view name) const;
  };
  async::Task<bool> ensure_groups();
  async::Task<std::vector<Entry>> read_new(std::string_view stream, Millis block);
  async::Task<std::vector<Entry>> take_over(std::string_view stream);
  async::Task<> take_job(Entry entry);
  async::Task<> take_letter(Entry entry);
  async::Task<> take_control(Entry entry);
  async::Task<> take_order(Entry entry);
  async::Task<> take_plan_order(Entry entry);
  async::Task<bool> refuse(const Entry& entry, std::string job_id, std::vector<std::string> faults);
  // For other engines, at once: this one is not ready any more.
  async::Task<> hand_back(std::string_view stream, std::string entry_id);
  async::Task<> done(std::string_view stream, std::string entry_id);

  async::Executor executor_;
  Options options_;
  redis::Client client_;
  store::JobStore store_;
  job::IntakePolicy policy_;
  IntakeStats stats_;
};

}  // namespace hongyan::engine
