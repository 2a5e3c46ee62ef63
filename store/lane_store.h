#pragma once

#include "scheduler/limits.h"
#include "store/job_store.h"

#include <map>
#include <string>
#include <vector>

namespace hongyan::store {

struct TokenGrant {
  std::int64_t granted = 0;
  Millis retry_after{0};  // when nothing was granted
};

// What came back by mail for messages that a source sent to a provider.
struct LateSigns {
  std::string source;
  std::string provider;         // named, or "other": those without a name together
  std::int64_t bad = 0;         // addresses that do not exist
  std::int64_t complaints = 0;  // recipients who called it spam

  friend bool operator==(const LateSigns&, const LateSigns&) = default;
};

enum class LateSign : unsigned char { kBadAddress, kComplaint };

struct Ownership {
  bool mine = false;
  std::vector<LateSigns> signs;  // since it was last ours: told once
};

// Who owns a source, how fast its lanes may go, and what they have learned. Thread: the client's.
class LaneStore {
 public:
  explicit LaneStore(JobStore& store) : store_(store) {}

  // Whether the source is this engine's for `lease` from now; then the engine has its late signs.
  async::Task<Result<Ownership>> own_source(std::string source, std::string engine, Millis lease);
  async::Task<Result<bool>> disown_source(std::string source, std::string engine);
  // Which of these sources a live engine has now.
  async::Task<Result<std::map<std::string, bool>>> sources_owned(std::vector<std::string> sources);
  async::Task<Result<TokenGrant>> tokens(std::string source, std::string provider,
                                         std::vector<scheduler::Rate> rates, std::int64_t wanted);
  // Lets a return path tell the lane by `ref`. False: that name is another lane's already.
  async::Task<Result<bool>> name_lane(std::string ref, std::string source, std::string provider);
  // Something came back that left by that lane. False: no lane has the name.
  async::Task<Result<bool>> add_late_sign(std::string ref, LateSign sign);
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
