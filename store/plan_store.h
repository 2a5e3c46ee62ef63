#pragma once

#include "store/job_store.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace hongyan::store {

// Follow-up plans and their contacts: calls of store/functions/97_plan.lua.
//
// Thread: the store's. Errors: those of JobStore::call.
class PlanStore {
 public:
  using Fields = std::map<std::string, std::string, std::less<>>;

  explicit PlanStore(JobStore& store) : store_(store) {}

  // "created", "same", "differs". Fields: document, tenant, nonce ...
  async::Task<Result<std::string>> create(std::string id, std::string digest, Fields fields);
  // "edited", "same", "unknown", "ended".
  async::Task<Result<std::string>> edit(std::string id, std::string digest, std::string document);
  // To running, paused or stopped: "done", "unknown", "ended".
  async::Task<Result<std::string>> turn(std::string id, std::string state, std::string actor,
                                        std::string reason);

  struct NewContact {
    std::string address;  // as suppressed_address() folds it
    std::string to;       // as it was given
    std::string tz, vars;
    std::string company;  // empty: none
  };
  // How many are new; -1: the plan is unknown or has ended.
  async::Task<Result<std::int64_t>> add(std::string id, std::vector<NewContact> contacts);

  struct Contact {
    std::string address, to, tz, vars, company;
    std::size_t steps = 0;
    std::int64_t joined_ms = 0, last_ms = 0;
  };
  struct View {
    std::int64_t now_ms = 0;
    Fields plan;
    std::vector<std::pair<std::string, std::string>> outbox;  // batch, document
    std::vector<Contact> due;                                 // only of a running one
  };
  async::Task<Result<View>> look(std::string id, int most);
  // Of contacts that still wait.
  async::Task<Result<void>> put_off(std::string id,
                                    std::vector<std::pair<std::string, std::int64_t>> until);

  struct Batch {
    std::string number, job, revision;
    std::size_t step = 1;
    std::int64_t cap = 0, company_cap = 0;
    Millis day{std::chrono::hours(24)};
    std::string head, tail;
    struct Line {
      std::string address, company, json;
    };
    std::vector<Line> lines;
  };
  // How many are in it; the others were put off by a cap. -1: another engine was faster.
  async::Task<Result<std::int64_t>> take(std::string id, Batch batch);
  // The batch's document is a job now.
  async::Task<Result<void>> handed_over(std::string id, std::string batch);
  // Batches whose jobs have not ended, as far as was heard: number → job.
  async::Task<Result<Fields>> open(std::string id);
  // Who of a batch has no outcome yet.
  async::Task<Result<std::vector<std::string>>> open_of(std::string id, std::string batch);
  async::Task<Result<void>> close(std::string id, std::string batch);

  // What happened to a contact: "done", "delivered" or why it stops; with a job, only if it is of
  // that message. "" (nothing changed), "waiting", "done" or "stopped".
  async::Task<Result<std::string>> happened(std::string id, std::string address, std::string job,
                                            std::string what);

  // Erases a contact. 1, 0 (not in the plan) or -1 (a message is on its way: later).
  async::Task<Result<std::int64_t>> forget(std::string id, std::string address);

  async::Task<Result<Fields>> load(std::string id);
  async::Task<Result<Fields>> contact(std::string id, std::string address);
  async::Task<Result<std::vector<std::string>>> all();
  // One engine at a time drives the plans; a second one would do no harm.
  async::Task<Result<bool>> lead(std::string who, Millis lease);

 private:
  JobStore& store_;
};

}  // namespace hongyan::store
