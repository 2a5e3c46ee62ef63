#pragma once

#include "base/async/task.h"
#include "engine/inbound/session.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hongyan::inbound {

struct ServerOptions {
  std::string listen;  // "ip:port", "[ip6]:port"; port 0: any
  SessionOptions session{};
  std::string certificate_file{};  // PEM with its chain; with it STARTTLS is offered
  std::string key_file{};
  int max_connections = 64;  // further ones are told to come later; half of them for one address
  // From one command to the next (RFC 5321 4.5.3.2.7); for a whole content; for writing a reply.
  Millis command_timeout = std::chrono::minutes(5);
  Millis content_timeout = std::chrono::minutes(10);
  Millis write_timeout = std::chrono::minutes(1);
};

// The listener for mail that comes back.
//
// Owner: the engine. Thread: the executor's. Destroy only after stop() has returned.
class Server {
 public:
  // Says what becomes of a mail: a reply line for each of its recipients, in their order. It has a
  // deadline of its own. Success is said only of what is stored: the sender then forgets it.
  using Take = std::function<async::Task<std::vector<std::string>>(ReceivedMail mail)>;

  Server(async::Executor executor, ServerOptions options, Desk desk, Take take);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds and begins to accept; the port. Errors: bad-address, listen-failed, bad-certificate.
  Result<unsigned short> open();
  // Closes every connection and waits for its task. What had no answer comes again.
  async::Task<> stop();

  std::size_t connections() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hongyan::inbound
