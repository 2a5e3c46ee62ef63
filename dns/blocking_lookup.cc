#include "dns/blocking_lookup.h"

namespace hongyan::dns {
namespace {

constexpr std::size_t kMaxInFlight = 32;
constexpr int kMaxSilences = 2;

}  // namespace

Result<std::unique_ptr<BlockingLookup>> BlockingLookup::open(const Channel::Options& options) {
  std::unique_ptr<BlockingLookup> lookup(new BlockingLookup);
  auto channel = Channel::open(lookup->loop_.get_executor(), options);
  if (!channel) return std::unexpected(channel.error());
  lookup->channel_ = *std::move(channel);
  return lookup;
}

Result<Answer> BlockingLookup::ask(const std::string& name, Type type) {
  const Key key{name, type};
  if (!answers_.contains(key)) ask_all({key});
  return answers_.at(key);
}

void BlockingLookup::ask_all(const std::vector<std::pair<std::string, Type>>& questions) {
  for (const Key& key : questions)
    if (!answers_.contains(key)) waiting_.push_back(key);
  while (in_flight_ > 0 || !waiting_.empty()) {
    while (in_flight_ < kMaxInFlight && !waiting_.empty()) {
      const Key key = std::move(waiting_.back());
      waiting_.pop_back();
      begin(key);
    }
    if (in_flight_ == 0) continue;
    loop_.restart();
    loop_.run_one();
  }
}

void BlockingLookup::begin(const Key& key) {
  if (!answered_ && silences_ >= kMaxSilences) {
    answers_.emplace(key, fail(Scope::kHost, "dns-unreachable", "the name servers do not answer"));
    return;
  }
  launch(key);
}

void BlockingLookup::launch(const Key& key) {
  ++in_flight_;
  channel_->ask(key.first, key.second, [this, key](Result<std::span<const std::uint8_t>> bytes) {
    --in_flight_;
    if (bytes)
      answered_ = true;
    else
      ++silences_;
    answers_.insert_or_assign(key, bytes ? parse_answer(*bytes, key.first, key.second)
                                         : Result<Answer>(std::unexpected(bytes.error())));
  });
}

}  // namespace hongyan::dns
