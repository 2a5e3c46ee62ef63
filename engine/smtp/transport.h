#pragma once

#include "base/async/task.h"
#include "engine/smtp/options.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hongyan::smtp {

class TlsContexts;

// A TCP stream to one server, plain or under TLS, with a deadline on everything.
//
// After a failure the stream is dead: a late answer would be taken for the next one.
// Owner: Connection. Thread: the executor's only. Errors: `cause` words as in OpenFailure.
class Transport {
 public:
  struct Endpoint {
    async::net::ip::address address;
    std::uint16_t port = 25;
    std::optional<async::net::ip::address> source;
    // An outbound proxy: it connects from `source`, which need not be an address of this host.
    std::optional<async::net::ip::tcp::endpoint> proxy;
  };
  // An empty cause: done.
  struct Done {
    std::string_view cause;
    std::string detail;
    CertificateFault certificate = CertificateFault::kNone;  // judged, also when the cause is empty
  };
  struct Received {
    std::string_view bytes;  // valid until the next read
    std::string_view cause;
  };
  struct Sent {
    std::size_t bytes = 0;  // that may have left; all of them when there is no cause
    std::string_view cause;
  };

  explicit Transport(async::Executor executor);
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  async::Task<Done> connect(Endpoint to, async::Deadline deadline);
  // With `tlsa` the chain is compared with them and nothing else. `judge`: the certificate is
  // looked at as with kVerified, and taken all the same.
  async::Task<Done> handshake(TlsContexts& contexts, TlsMode mode, bool judge,
                              std::vector<TlsaRecord> tlsa, std::string host, std::uint16_t port,
                              async::Deadline deadline);
  async::Task<Received> read(async::Deadline deadline);
  // Pieces go out as they are, as many per system call as it takes; under TLS they are gathered
  // first, because every one would become a record of its own.
  async::Task<Sent> write(std::span<const std::string_view> pieces, async::Deadline deadline);
  // What is there already: bytes, nothing, or the news that the peer has closed.
  Received read_now();
  void close();

  // "TLSv1.3 TLS_AES_256_GCM_SHA384", with "resumed" where so; empty in clear.
  std::string tls_description() const;
  // Whether any byte has come since connect().
  bool heard_anything() const;

 private:
  struct State;
  class Guard;
  async::Task<Done> connect_through_proxy(Endpoint to, async::Deadline deadline);
  async::Task<Sent> write_tls(std::span<const std::string_view> pieces, async::Deadline deadline);

  std::shared_ptr<State> state_;
};

}  // namespace hongyan::smtp
