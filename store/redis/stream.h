#pragma once

#include "base/async/task.h"
#include "store/redis/url.h"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace hongyan::redis {

// A byte stream to Redis: TCP, TLS over TCP, or a Unix socket. Only store/redis includes it.
//
// One read and one write may be outstanding at a time. close() ends both with an error, and after
// it open() starts afresh. Errors: "redis-away" from open(), "redis-denied" when TLS does not
// verify, "redis-lost" from the others.
class Stream {
 public:
  explicit Stream(async::Executor executor);

  async::Task<Result<void>> open(const ConnectOptions& options, async::Deadline deadline);
  async::Task<Result<std::size_t>> read_some(char* into, std::size_t room);
  async::Task<Result<void>> write(const std::string& bytes);
  void close();

 private:
  using Socket =
      async::net::basic_stream_socket<async::net::generic::stream_protocol, async::Executor>;
  using Tls = async::net::ssl::stream<Socket&>;

  async::Task<Result<void>> open_unix(std::string path);
  async::Task<Result<void>> open_tcp(const ConnectOptions& options);
  async::Task<Result<void>> shake_hands(const ConnectOptions& options);
  Result<void> prepare_tls(const ConnectOptions& options);

  async::Executor executor_;
  Socket socket_;
  std::unique_ptr<async::net::ssl::context> tls_context_;
  std::unique_ptr<Tls> tls_;
  // Guards against a watchdog of an earlier open().
  std::shared_ptr<int> opening_;
};

}  // namespace hongyan::redis
