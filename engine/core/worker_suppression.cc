// Who gets no mail: asked when a chunk is claimed, and again while it is in hand.
#include "base/log.h"
#include "engine/core/worker.h"

#include <algorithm>
#include <numeric>

namespace hongyan::engine {
namespace {

using namespace std::chrono_literals;

// An entry takes effect on what an engine has in hand within the sum of these; the promise is 60 s.
constexpr auto kAnew = 30s;
constexpr auto kRound = 5s;
constexpr auto kAgain = 200ms;  // when the question failed

}  // namespace

async::Task<Result<Worker::Suppressed>> Worker::look_up(
    const HeldJob& job, const std::vector<BulkDelivery*>& deliveries) {
  std::vector<std::string> addresses;
  addresses.reserve(deliveries.size());
  for (const BulkDelivery* delivery : deliveries)
    addresses.emplace_back(delivery->recipient().address);
  co_return co_await suppressions_.find(job.plan->tenant, std::move(addresses));
}

// Nobody else knows the chunk's deliveries yet, so they and their job stay until they are placed.
async::Task<> Worker::admit(HeldJob& job, HeldChunk& chunk) {
  ++admitting_;
  std::vector<BulkDelivery*> fresh;
  for (BulkDelivery& delivery : chunk.deliveries) fresh.push_back(&delivery);
  const SteadyTime asked = std::chrono::steady_clock::now();
  auto found = co_await look_up(job, fresh);
  while (!found && !draining_ && !tasks_.stopping()) {
    co_await async::sleep_for(kAgain);
    found = co_await look_up(job, fresh);
  }
  chunk.looked_up = asked;
  std::vector<std::size_t> order(fresh.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::shuffle(order, random_);
  for (const std::size_t i : order) {
    if (!found) {
      desk_->give_back(*fresh[i]);
    } else if ((*found)[i]) {
      desk_->conclude_unsent(*fresh[i], store::Settlement::kSuppressed, store::Evidence::kNone, "",
                             "suppressed: " + (*found)[i]->sentence());
    } else {
      place(*fresh[i]);
    }
  }
  --admitting_;
}

async::Task<> Worker::suppression_loop() {
  while (!tasks_.stopping()) {
    co_await async::sleep_for(kRound);
    const SteadyTime now = std::chrono::steady_clock::now();
    std::vector<std::tuple<std::string, std::uint64_t, std::uint64_t>> due;
    for (const auto& [id, job] : jobs_)
      for (const auto& [key, chunk] : job->chunks)
        if (chunk->looked_up != SteadyTime{} && now - chunk->looked_up > kAnew)
          due.emplace_back(id, key.first, key.second);
    for (const auto& [id, number, epoch] : due) {
      const auto find = [&]() -> HeldChunk* {
        const auto job = jobs_.find(id);
        if (job == jobs_.end()) return nullptr;
        const auto chunk = job->second->chunks.find({number, epoch});
        return chunk == job->second->chunks.end() ? nullptr : chunk->second.get();
      };
      HeldChunk* chunk = find();
      if (chunk == nullptr) continue;
      std::vector<BulkDelivery*> waiting;
      for (BulkDelivery& delivery : chunk->deliveries)
        if (!delivery.settled && !delivery.marked) waiting.push_back(&delivery);
      const SteadyTime asked = std::chrono::steady_clock::now();
      const auto found = co_await look_up(*jobs_.at(id), waiting);
      // What was in hand may be settled by now, with its chunk and job.
      if (!found || (chunk = find()) == nullptr) continue;
      chunk->looked_up = asked;
      for (std::size_t i = 0; i < waiting.size(); ++i)
        if ((*found)[i]) waiting[i]->suppressed = "suppressed: " + (*found)[i]->sentence();
    }
  }
}

}  // namespace hongyan::engine
