#pragma once

#include "base/async/task.h"
#include "base/network.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hongyan::http {

struct Question {
  std::string host;  // what the certificate is verified against
  std::uint16_t port = 443;
  std::vector<IpAddress> addresses;  // of the host; tried in turn
  std::string target = "/";          // path and query
  std::string body{};                // not empty: a POST
  std::string content_type{};        // of it
  std::vector<std::pair<std::string, std::string>> headers{};
  bool tls = true;  // without: only to this host itself, where nobody listens
};

struct Answer {
  int status = 0;
  std::string content_type;
  std::string body;
};

// Single exchanges over HTTPS, each on a connection of its own: a verified certificate, TLS 1.2 at
// least (plain HTTP on loopback only), no redirect is followed, a minute in all.
//
// Thread: the executor's; outlives the tasks of ask().
// Errors: "http-unreachable", "http-certificate", "http-answer" (no HTTP, or too much of it),
//   "http-plain" (without TLS to somewhere else). A status is no error.
class Client {
 public:
  // An empty `ca_file`: the roots of the system. Throws when the file cannot be read.
  Client(const std::string& ca_file, std::size_t max_body);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  async::Task<Result<Answer>> ask(Question question);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hongyan::http
