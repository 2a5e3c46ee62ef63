#include "mailbox/imap/stream.h"

#include "mailbox/imap/trust.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <netinet/tcp.h>
#include <optional>
#include <sys/socket.h>

namespace hongyan::imap {
namespace {

namespace net = async::net;
using Tcp = net::ip::tcp;
using Socket = net::basic_stream_socket<Tcp, async::Executor>;
using boost::system::error_code;

constexpr std::size_t kReadBuffer = 16 * 1024;  // a TLS record

std::string_view cause_of(const error_code& ec, bool timed_out) {
  if (timed_out || ec == net::error::timed_out) return "timeout";
  if (ec == net::error::operation_aborted) return "cancelled";
  if (ec == net::error::eof || ec == net::ssl::error::stream_truncated) return "closed-by-peer";
  if (ec == net::error::connection_reset || ec == net::error::broken_pipe) return "reset-by-peer";
  return "io-error";
}

std::string_view connect_cause_of(const error_code& ec, bool timed_out) {
  if (ec == net::error::connection_refused) return "connect-refused";
  if (timed_out || ec == net::error::timed_out) return "connect-timeout";
  if (ec == net::error::operation_aborted) return "cancelled";
  return "unreachable";
}

// A server that idles for half an hour says nothing; whether it is there the kernel must ask, and
// middle boxes forget a silent connection after minutes.
void keep_alive(Socket& socket) {
  const auto set = [&](int level, int name, int value) {
    ::setsockopt(socket.native_handle(), level, name, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 120);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 30);
  set(IPPROTO_TCP, TCP_KEEPCNT, 4);
}

}  // namespace

struct Stream::State {
  explicit State(async::Executor executor) : socket(executor), watchdog(executor) {}

  Socket socket;
  std::optional<net::ssl::stream<Socket&>> tls;
  std::string fault;  // of the certificate
  std::array<char, kReadBuffer> read_buffer;
  async::Timer watchdog;
  unsigned generation = 0;  // a timer of an operation that is over means nothing
  bool timed_out = false;
};

// The deadline of one operation, for as long as it runs.
class Stream::Watch {
 public:
  Watch(const std::shared_ptr<State>& state, async::Deadline by) : state_(*state) {
    state_.timed_out = false;
    state_.watchdog.expires_at(by.at);
    state_.watchdog.async_wait(
        [weak = std::weak_ptr(state), mine = ++state_.generation](const error_code& ec) {
          const auto alive = weak.lock();
          if (!alive || ec || alive->generation != mine) return;
          alive->timed_out = true;
          error_code ignored;
          alive->socket.cancel(ignored);
        });
  }
  ~Watch() {
    ++state_.generation;
    state_.watchdog.cancel();
  }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  bool timed_out() const { return state_.timed_out; }

 private:
  State& state_;
};

Stream::Stream(async::Executor executor) : state_(std::make_shared<State>(executor)) {}
Stream::~Stream() {
  close();
}

async::Task<Stream::Done> Stream::connect(net::ip::address to, std::uint16_t port,
                                          async::Deadline by) {
  State& s = *state_;
  error_code ec;
  const Tcp::endpoint endpoint(to, port);
  s.socket.close(ec);
  s.socket.open(endpoint.protocol(), ec);
  if (ec) co_return Done{"io-error", ec.message()};
  Watch watch(state_, by);
  std::tie(ec) = co_await s.socket.async_connect(endpoint, async::kTuple);
  if (ec) co_return Done{connect_cause_of(ec, watch.timed_out()), ec.message()};
  s.socket.set_option(Tcp::no_delay(true), ec);
  keep_alive(s.socket);
  co_return Done{};
}

async::Task<Stream::Done> Stream::handshake(Trust& trust, std::string host, async::Deadline by) {
  State& s = *state_;
  auto& tls = s.tls.emplace(s.socket, trust.context());
  Trust::prepare(tls.native_handle(), host, s.fault);
  Watch watch(state_, by);
  auto [ec] = co_await tls.async_handshake(net::ssl::stream_base::client, async::kTuple);
  if (!ec) co_return Done{};
  if (!s.fault.empty()) co_return Done{"tls-unverified", s.fault};
  const bool is_tls = ec.category() == net::error::get_ssl_category();
  co_return Done{is_tls ? "tls-handshake" : cause_of(ec, watch.timed_out()), ec.message()};
}

async::Task<Stream::Received> Stream::read(async::Deadline by) {
  State& s = *state_;
  const auto buffer = net::buffer(s.read_buffer);
  Watch watch(state_, by);
  error_code ec;
  std::size_t size = 0;
  if (s.tls) {
    std::tie(ec, size) = co_await s.tls->async_read_some(buffer, async::kTuple);
  } else {
    std::tie(ec, size) = co_await s.socket.async_read_some(buffer, async::kTuple);
  }
  if (ec) co_return Received{{}, cause_of(ec, watch.timed_out()), ec.message()};
  co_return Received{{s.read_buffer.data(), size}, {}, {}};
}

async::Task<Stream::Done> Stream::write(std::string_view bytes, async::Deadline by) {
  State& s = *state_;
  Watch watch(state_, by);
  error_code ec;
  std::size_t size = 0;
  if (s.tls) {
    std::tie(ec, size) = co_await net::async_write(*s.tls, net::buffer(bytes), async::kTuple);
  } else {
    std::tie(ec, size) = co_await net::async_write(s.socket, net::buffer(bytes), async::kTuple);
  }
  if (ec) co_return Done{cause_of(ec, watch.timed_out()), ec.message()};
  co_return Done{};
}

void Stream::close() {
  error_code ignored;
  ++state_->generation;
  state_->watchdog.cancel();
  state_->socket.close(ignored);
}

bool Stream::is_encrypted() const {
  return state_->tls && SSL_is_init_finished(state_->tls->native_handle()) == 1;
}

std::string Stream::tls_description() const {
  if (!is_encrypted()) return {};
  SSL* ssl = state_->tls->native_handle();
  return std::string(SSL_get_version(ssl)) + ' ' + SSL_get_cipher_name(ssl);
}

}  // namespace hongyan::imap
