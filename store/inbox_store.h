#pragma once

#include "store/job_store.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hongyan::store {

// Mail that came into bound mailboxes, and events of them on their way out
// (functions/93_inbox.lua).
//
// Thread: the store's. Errors: those of JobStore::call.
class InboxStore {
 public:
  explicit InboxStore(JobStore& store) : store_(store) {}

  // One engine at a time reads a mailbox. `held`: only while it is ours already. False: it is
  // another's, or there is nothing to read: not bound, off, its secret is refused.
  async::Task<Result<bool>> lease(std::string address, std::string who, Millis lease, bool held);
  async::Task<Result<void>> release(std::string address, std::string who);

  // What the folder says of itself when it is opened. The first UID that is news; 0: the lease is
  // lost.
  async::Task<Result<std::uint32_t>> begin(std::string address, std::string who,
                                           std::uint32_t uid_validity, std::uint32_t uid_next);
  struct Head {
    std::uint32_t uid = 0;
    std::string json;
  };
  // Keeps them, and the event that each is, in one step; at most 500. `next`: the first UID that
  // was not looked at. False: the lease is lost, or the folder was numbered anew.
  async::Task<Result<bool>> put(std::string address, std::string who, std::uint32_t uid_validity,
                                std::uint32_t next, std::vector<Head> heads);

  // A warning that the code ends, as the event it is; each `stage` once. False: it was given.
  async::Task<Result<bool>> warn(std::string address, std::int64_t expires_ms, int stage,
                                 std::string data);

  struct News {
    std::int64_t n = 0;  // rises within a mailbox
    std::string type;
    std::int64_t at_ms = 0;
    std::string data;  // JSON
  };
  // Puts on hongyan:events what waits, at most some hundred, each once whoever repeats it. Those
  // that were not there before.
  async::Task<Result<std::vector<News>>> publish(std::string address, std::string tenant,
                                                 std::int64_t keep);

  // Heads as JSON, the newest first.
  async::Task<Result<std::vector<std::string>>> newest(std::string address, int most);

 private:
  JobStore& store_;
};

}  // namespace hongyan::store
