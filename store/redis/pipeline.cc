#include "store/redis/pipeline.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace hongyan::redis {

Pipeline::Pipeline() : decoder_(std::make_unique<Decoder>()) {}

void Pipeline::push(const Command& command, SteadyTime now, SteadyTime deadline, Handler handler) {
  if (pending_.empty()) heard_ = now;
  command.write_to(output_);
  pending_.push_back({now, deadline, std::move(handler)});
  ++stats_.commands;
}

void Pipeline::take_output(std::string& buffer) {
  buffer.clear();
  buffer.swap(output_);
  stats_.bytes_out += buffer.size();
}

Result<void> Pipeline::feed(std::string_view bytes, SteadyTime now) {
  constexpr std::size_t kPiece = 16 * 1024;  // see Decoder::feed
  heard_ = now;
  stats_.bytes_in += bytes.size();
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kPiece);
    bytes.remove_prefix(piece.size());
    decoder_->feed(piece);
    for (;;) {
      auto reply = decoder_->next();
      if (!reply) return std::unexpected(std::move(reply.error()));
      if (!*reply) break;
      if (pending_.empty())
        return fail(Scope::kProcess, "redis-protocol", "a reply that nobody asked for");
      Pending head = std::move(pending_.front());
      pending_.pop_front();
      ++stats_.replies;
      stats_.round_trips += now - head.queued;
      if (head.handler) head.handler(std::move(**reply));
    }
  }
  return {};
}

SteadyTime Pipeline::dead_at() const {
  if (pending_.empty()) return SteadyTime::max();
  return std::max(heard_, pending_.front().deadline) + kSilence;
}

bool Pipeline::is_dead(SteadyTime now) const {
  return !pending_.empty() && !pending_.front().handler && now >= dead_at();
}

SteadyTime Pipeline::expire(SteadyTime now) {
  std::vector<Handler> due;
  SteadyTime next = SteadyTime::max();
  for (Pending& entry : pending_) {
    if (!entry.handler) continue;
    if (entry.deadline <= now)
      due.push_back(std::exchange(entry.handler, nullptr));
    else
      next = std::min(next, entry.deadline);
  }
  if (!pending_.empty() && !pending_.front().handler) next = std::min(next, dead_at());
  stats_.timeouts += due.size();
  for (Handler& handler : due)
    handler(fail(Scope::kProcess, "redis-timeout", "no reply before the deadline"));
  return next;
}

void Pipeline::fail_all(const Error& error) {
  auto lost = std::exchange(pending_, {});
  output_.clear();
  decoder_ = std::make_unique<Decoder>();
  for (Pending& entry : lost)
    if (entry.handler) entry.handler(std::unexpected(error));
}

}  // namespace hongyan::redis
