#pragma once

#include "scheduler/limits.h"
#include "store/job_store.h"

#include <map>
#include <string>

namespace hongyan::store {

struct TokenGrant {
  std::int64_t granted = 0;
  Millis retry_after{0};  // when nothing was granted
};

// Who owns a source, how fast its lanes may go, and what they have learned. Thread: the client's.
class LaneStore {
 public:
  explicit LaneStore(JobStore& store) : store_(store) {}

  // True: the source is this engine's for `lease` from now.
  async::Task<Result<bool>> own_source(std::string source, std::string engine, Millis lease);
  async::Task<Result<bool>> disown_source(std::string source, std::string engine);
  async::Task<Result<TokenGrant>> tokens(std::string source, std::string provider,
                                         std::vector<scheduler::Rate> rates, std::int64_t wanted);
  // The same for all lanes of a channel together.
  async::Task<Result<TokenGrant>> channel_tokens(std::string channel,
                                                 std::vector<scheduler::Rate> rates,
                                                 std::int64_t wanted);
  async::Task<Result<std::map<std::string, std::string>>> load_pace(std::string source,
                                                                    std::string provider);
  // Kept a week after the last change: idle lanes of unnamed providers go away by themselves.
  async::Task<Result<bool>> save_pace(std::string source, std::string provider,
                                      std::map<std::string, std::string> pace);
  // An event about a lane (hongyan:events).
  async::Task<Result<void>> announce(std::string type, std::string data, std::int64_t keep);

 private:
  async::Task<Result<TokenGrant>> lease_tokens(std::string key, std::vector<scheduler::Rate> rates,
                                               std::int64_t wanted);
  JobStore& store_;
};

}  // namespace hongyan::store
