#pragma once

#include "base/async/task.h"
#include "base/async/task_group.h"

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace hongyan::http {

struct Request {
  std::string method;  // "GET", "HEAD" or "POST"
  std::string path;    // without the query
  std::string query;   // behind the "?"; not decoded
  std::string body;
};

struct Reply {
  int status = 200;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
  std::string allow{};     // of a 405: the methods there are
  std::string location{};  // of a 3xx; without control characters
};

// Runs on the server's executor; may wait (for Redis, say), with a deadline of its own.
using Handler = std::function<async::Task<Reply>(const Request&)>;

struct Route {
  std::string path;  // compared without the query; one that ends with "/" takes all below it
  Handler handler;
  bool needs_token = false;  // 401 without Options::bearer_token, when one is set
  bool takes_post = false;   // besides GET and HEAD
};

struct Options {
  std::string listen = "127.0.0.1:8925";  // "ip:port", "[ip6]:port"; port 0: any
  std::string bearer_token{};
  int max_connections = 64;  // further ones wait in the kernel's backlog
  // For one whole request from its first awaited byte, and for writing one reply: a client that
  // sends a byte now and then is cut off like one that sends none.
  Millis request_timeout = std::chrono::seconds(10);
  Millis reply_timeout = std::chrono::seconds(10);
  std::size_t max_header = 8 * 1024;
  std::size_t max_body = 0;  // of requests
  // Of its own certificate, PEM with the chain; both or none (then it speaks clear text).
  std::string certificate_file{};
  std::string key_file{};
};

// A small HTTP/1.1 server: scrapes, probes, and pages for the public; keep-alive; TLS when it has a
// certificate.
//
// Owner: the engine. Thread: the executor's. Destroy only after stop() has returned.
// Errors: bad requests get 400, 401, 404, 405, 413 or 431; nobody else notices.
class Server {
 public:
  Server(async::Executor executor, Options options, std::vector<Route> routes);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds and begins to accept; the port. Errors: bad-address, listen-failed, bad-certificate.
  Result<unsigned short> open();
  // Closes every connection and waits for its task.
  async::Task<> stop();

  std::size_t connections() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hongyan::http
