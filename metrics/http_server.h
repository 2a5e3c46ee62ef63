#pragma once

#include "base/async/task.h"
#include "base/async/task_group.h"

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

namespace hongyan::metrics {

struct HttpReply {
  int status = 200;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
};

// Runs on the server's executor; may wait (for Redis, say), with a deadline of its own.
using HttpHandler = std::function<async::Task<HttpReply>()>;

struct HttpRoute {
  std::string path;  // compared without the query
  HttpHandler handler;
  bool needs_token = false;  // 401 without HttpOptions::bearer_token, when one is set
};

struct HttpOptions {
  std::string listen = "127.0.0.1:8925";  // "ip:port", "[ip6]:port"; port 0: any
  std::string bearer_token{};
  int max_connections = 64;  // further ones wait in the kernel's backlog
  // For one whole request from its first awaited byte, and for writing one reply: a client that
  // sends a byte now and then is cut off like one that sends none.
  Millis request_timeout = std::chrono::seconds(10);
  Millis reply_timeout = std::chrono::seconds(10);
  std::size_t max_header = 8 * 1024;
};

// A small HTTP/1.1 server for scrapes and probes: GET and HEAD of fixed paths, keep-alive.
//
// Owner: the engine. Thread: the executor's. Destroy only after stop() has returned.
// Errors: bad requests get 400, 401, 404, 405, 413 or 431; nobody else notices.
class HttpServer {
 public:
  HttpServer(async::Executor executor, HttpOptions options, std::vector<HttpRoute> routes);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Binds and begins to accept; the port. Errors: bad-address, listen-failed.
  Result<unsigned short> open();
  // Closes every connection and waits for its task.
  async::Task<> stop();

  std::size_t connections() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hongyan::metrics
