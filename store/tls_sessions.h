#pragma once

#include "store/job_store.h"

#include <cstdint>
#include <map>
#include <string>

namespace hongyan::store {

// How TLS went with receivers, by day of UTC (hongyan:tlsrpt:YYYY-MM-DD, docs/queue.md); what the
// fields mean is engine/tlsrpt's.
//
// Thread: the store's. Errors: those of JobStore::call.
class TlsSessions {
 public:
  using Fields = std::map<std::string, std::int64_t, std::less<>>;
  // Of a day; sessions of kinds beyond it are counted in the field `unlisted`.
  static constexpr int kMostKinds = 100'000;

  explicit TlsSessions(JobStore& store) : store_(store) {}

  // Adds to what there is; kept for 14 days after the last call.
  async::Task<Result<void>> add(std::string day, Fields fields);
  async::Task<Result<Fields>> load(std::string day);

  // Who sends the reports of a day. The turn lasts five minutes; asking again renews it. Two that
  // think it theirs (one was frozen) do harm only if what they do twice does.
  enum class Turn : unsigned char { kMine, kOthers, kDone };
  async::Task<Result<Turn>> take_turn(std::string day, std::string engine);
  // Nobody has a turn any more.
  async::Task<Result<void>> finish(std::string day);

 private:
  JobStore& store_;
};

}  // namespace hongyan::store
