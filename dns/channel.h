#pragma once

#include "base/async/task.h"
#include "dns/wire.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace hongyan::dns {

// c-ares on the worker's loop: sends questions, hands back the bytes of answers. UDP with EDNS, TCP
// when an answer was truncated, the next server when one fails.
//
// Thread: the executor's only. Cancel: the destructor ends every open question with
// "dns-cancelled".
class Channel {
 public:
  struct Options {
    std::vector<std::string> servers;  // "192.0.2.1", "127.0.0.1:5353", "[::1]:53"; empty: system's
    Millis timeout{3000};              // of the first try at each server; doubles with each round
    int tries = 2;                     // rounds over all servers
    bool ask_authentic = false;        // set the AD bit, so that answers carry it (RFC 6840 5.7)
  };
  // The bytes are valid during the call only. It may ask again, but must not destroy the channel.
  using OnAnswer = std::move_only_function<void(Result<std::span<const std::uint8_t>>)>;

  // Errors: "bad-dns-server", "dns-library".
  static Result<std::unique_ptr<Channel>> open(async::Executor executor, const Options& options);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Errors of the answer, all temporary: "dns-timeout", "dns-unreachable" (refused connections, or
  // every one of several servers answered with a failure), "dns-cancelled", "dns-failed". May call
  // back before it returns.
  void ask(const std::string& name, Type type, OnAnswer on_answer);

 private:
  struct State;
  explicit Channel(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace hongyan::dns
