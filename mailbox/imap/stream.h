#pragma once

#include "base/async/task.h"

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hongyan::imap {

class Trust;

// A TCP stream to one server, under TLS once handshake() has succeeded; a deadline on everything.
// What it is used for decides when: it will write in clear until then.
//
// Owner: Client. Thread: the executor's only. Errors: `cause` words as in Failure. Only a read that
// timed out may be repeated; after any other failure the stream is dead.
class Stream {
 public:
  // An empty cause: done.
  struct Done {
    std::string_view cause;
    std::string detail;
  };
  struct Received {
    std::string_view bytes;  // valid until the next read
    std::string_view cause;
    std::string detail;
  };

  explicit Stream(async::Executor executor);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  async::Task<Done> connect(async::net::ip::address to, std::uint16_t port, async::Deadline by);
  async::Task<Done> handshake(Trust& trust, std::string host, async::Deadline by);
  async::Task<Received> read(async::Deadline by);
  async::Task<Done> write(std::string_view bytes, async::Deadline by);
  void close();

  bool is_encrypted() const;
  // "TLSv1.3 TLS_AES_256_GCM_SHA384"; empty in clear.
  std::string tls_description() const;

 private:
  struct State;
  class Watch;
  std::shared_ptr<State> state_;
};

}  // namespace hongyan::imap
