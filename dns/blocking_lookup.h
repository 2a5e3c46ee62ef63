#pragma once

#include "base/async/task.h"
#include "dns/channel.h"
#include "dns/lookup.h"

#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace hongyan::dns {

// Questions to real name servers for a command that has nothing else to do: each call waits.
// Answers are kept for its lifetime. When the servers have never answered and failed twice, further
// questions fail at once: a command must not wait for an hour because there is no resolver.
//
// Thread: one. It runs a loop of its own.
class BlockingLookup final : public Lookup {
 public:
  // Errors: those of Channel::open().
  static Result<std::unique_ptr<BlockingLookup>> open(const Channel::Options& options);

  Result<Answer> ask(const std::string& name, Type type) override;
  // All of them together; a later ask() finds the answers.
  void ask_all(const std::vector<std::pair<std::string, Type>>& questions);

 private:
  using Key = std::pair<std::string, Type>;
  BlockingLookup() = default;
  void begin(const Key& key);
  void launch(const Key& key);

  async::net::io_context loop_{1};
  std::unique_ptr<Channel> channel_;
  std::map<Key, Result<Answer>> answers_;
  std::vector<Key> waiting_;
  std::size_t in_flight_ = 0;
  int silences_ = 0;  // before the first answer
  bool answered_ = false;
};

}  // namespace hongyan::dns
