#include "engine/smtp/transport.h"

#include "engine/smtp/proxy_header.h"
#include "engine/smtp/tls.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <netinet/in.h>
#include <vector>

namespace hongyan::smtp {
namespace {

namespace net = async::net;
using Tcp = net::ip::tcp;
using Socket = net::basic_stream_socket<Tcp, async::Executor>;
using boost::system::error_code;

constexpr std::size_t kReadBuffer = 8192;
constexpr std::size_t kTlsChunk = 65536;
constexpr std::size_t kMaxBuffersPerWrite = 64;  // what Asio hands to one sendmsg

std::string_view cause_of(const error_code& ec, bool timed_out) {
  if (timed_out || ec == net::error::timed_out) return "timeout";
  if (ec == net::error::operation_aborted) return "cancelled";
  if (ec == net::error::eof || ec == net::ssl::error::stream_truncated) return "closed-by-peer";
  if (ec == net::error::connection_reset || ec == net::error::broken_pipe) return "reset-by-peer";
  if (ec.category() == net::error::get_ssl_category()) return "tls-error";
  return "io-error";
}

std::string_view connect_cause_of(const error_code& ec, bool timed_out) {
  if (ec == net::error::connection_refused) return "connect-refused";
  if (timed_out || ec == net::error::timed_out) return "connect-timeout";
  if (ec == net::error::operation_aborted) return "cancelled";
  return "unreachable";
}

IpAddress to_address(const net::ip::address& address) {
  if (address.is_v4()) return IpAddress::v4(address.to_v4().to_bytes());
  return IpAddress::v6(address.to_v6().to_bytes());
}

std::string to_text(const Tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? '[' + address + ']' : address) + ':' +
         std::to_string(endpoint.port());
}

}  // namespace

struct Transport::State {
  explicit State(async::Executor executor) : socket(executor), watchdog(executor) {}

  Socket socket;
  std::optional<net::ssl::stream<Socket&>> tls;
  std::string session_key;
  std::array<char, kReadBuffer> read_buffer;
  std::vector<net::const_buffer> buffers;
  std::string tls_buffer;
  bool heard = false;  // in clear

  // One timer for all operations. It is moved only when a deadline lies before the moment it will
  // wake anyway; when it wakes early it looks again. So a message costs no timer at all.
  async::Timer watchdog;
  SteadyTime deadline = SteadyTime::max();
  SteadyTime wakes_at = SteadyTime::max();
  bool timed_out = false;
};

// The deadline of one operation, for as long as it runs.
class Transport::Guard {
 public:
  Guard(const std::shared_ptr<State>& state, async::Deadline deadline) : state_(*state) {
    state_.timed_out = false;
    state_.deadline = deadline.at;
    if (deadline.at < state_.wakes_at) arm(state);
  }
  ~Guard() { state_.deadline = SteadyTime::max(); }
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  bool timed_out() const { return state_.timed_out; }

 private:
  static void arm(const std::shared_ptr<State>& state) {
    state->wakes_at = state->deadline;
    state->watchdog.expires_at(state->wakes_at);
    state->watchdog.async_wait([weak = std::weak_ptr(state)](const error_code& ec) {
      const auto alive = weak.lock();
      if (!alive || ec) return;
      alive->wakes_at = SteadyTime::max();
      if (alive->deadline == SteadyTime::max()) return;
      if (alive->deadline > std::chrono::steady_clock::now()) {
        arm(alive);
        return;
      }
      alive->timed_out = true;
      error_code ignored;
      alive->socket.cancel(ignored);
    });
  }

  State& state_;
};

Transport::Transport(async::Executor executor) : state_(std::make_shared<State>(executor)) {}
Transport::~Transport() {
  close();
}

async::Task<Transport::Done> Transport::connect(Endpoint to, async::Deadline deadline) {
  if (to.proxy) co_return co_await connect_through_proxy(std::move(to), deadline);
  State& s = *state_;
  error_code ec;
  const Tcp::endpoint endpoint(to.address, to.port);
  s.socket.open(endpoint.protocol(), ec);
  if (ec) co_return Done{"io-error", ec.message()};
  if (to.source) {
    // The port is chosen at connect, so that one address serves more connections than it has ports.
    using NoPort = net::detail::socket_option::boolean<IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT>;
    s.socket.set_option(NoPort(true), ec);
    s.socket.bind(Tcp::endpoint(*to.source, 0), ec);
    if (ec) co_return Done{"bind-failed", to.source->to_string() + ": " + ec.message()};
  }
  Guard guard(state_, deadline);
  std::tie(ec) = co_await s.socket.async_connect(endpoint, async::kTuple);
  if (ec) co_return Done{connect_cause_of(ec, guard.timed_out()), ec.message()};
  s.socket.set_option(Tcp::no_delay(true), ec);
  s.socket.non_blocking(true, ec);
  if (ec) co_return Done{"io-error", ec.message()};
  co_return Done{};
}

// The proxy's answer is the first byte of the receiver, or the end of the connection.
async::Task<Transport::Done> Transport::connect_through_proxy(Endpoint to,
                                                              async::Deadline deadline) {
  const std::string proxy = "proxy " + to_text(*to.proxy) + ": ";
  const std::string header =
      to.source ? proxy_header(to_address(*to.source), to_address(to.address), to.port) : "";
  if (header.empty())
    co_return Done{"bind-failed", proxy + "no source address of the receiver's family"};
  Endpoint nearest;
  nearest.address = to.proxy->address();
  nearest.port = to.proxy->port();
  Done done = co_await connect(nearest, deadline);
  if (done.cause == "cancelled") co_return done;
  if (!done.cause.empty()) co_return Done{"proxy-unreachable", proxy + done.detail};
  const std::string_view piece = header;
  const Sent sent = co_await write({&piece, 1}, deadline);
  if (sent.cause == "cancelled") co_return Done{"cancelled", ""};
  if (!sent.cause.empty()) co_return Done{"proxy-unreachable", proxy + std::string(sent.cause)};
  co_return Done{};
}

async::Task<Transport::Done> Transport::handshake(TlsContexts& contexts, TlsMode mode, bool judge,
                                                  std::vector<TlsaRecord> tlsa, std::string host,
                                                  std::uint16_t port, async::Deadline deadline) {
  State& s = *state_;
  const bool verified = mode == TlsMode::kVerified;
  judge = judge && !verified;
  const TlsMode looked_at = judge ? TlsMode::kVerified : mode;
  s.session_key = host + ':' + std::to_string(port);
  s.session_key += verified ? " verified" : judge ? " judged" : " any";
  s.tls.emplace(s.socket, tlsa.empty() ? contexts.context(looked_at) : contexts.dane_context());
  SSL* const ssl = s.tls->native_handle();
  if (tlsa.empty()) {
    contexts.prepare(ssl, looked_at, host, s.session_key);
    // OpenSSL judges all the same, and keeps the result.
    if (judge) SSL_set_verify(ssl, SSL_VERIFY_NONE, nullptr);
  } else if (!TlsContexts::prepare_dane(ssl, host, tlsa)) {
    co_return Done{"tls-unverified", "no TLSA record can be used", CertificateFault::kTlsa};
  }
  Guard guard(state_, deadline);
  auto [ec] = co_await s.tls->async_handshake(net::ssl::stream_base::client, async::kTuple);
  if (!ec && !judge) co_return Done{};
  if (!ec) co_return Done{"", tls_failure(ssl, ""), certificate_fault(ssl)};
  const std::string_view cause = cause_of(ec, guard.timed_out());
  if (cause == "timeout" || cause == "cancelled") co_return Done{cause, ec.message()};
  const CertificateFault fault = verified ? certificate_fault(ssl) : CertificateFault::kNone;
  co_return Done{fault != CertificateFault::kNone ? "tls-unverified" : "tls-handshake",
                 tls_failure(ssl, ec.message()), fault};
}

async::Task<Transport::Received> Transport::read(async::Deadline deadline) {
  State& s = *state_;
  const auto buffer = net::buffer(s.read_buffer);
  Guard guard(state_, deadline);
  error_code ec;
  std::size_t size = 0;
  if (s.tls) {
    std::tie(ec, size) = co_await s.tls->async_read_some(buffer, async::kTuple);
  } else {
    std::tie(ec, size) = co_await s.socket.async_read_some(buffer, async::kTuple);
  }
  if (ec) co_return Received{{}, cause_of(ec, guard.timed_out())};
  s.heard = true;
  co_return Received{{s.read_buffer.data(), size}, {}};
}

Transport::Received Transport::read_now() {
  State& s = *state_;
  const auto buffer = net::buffer(s.read_buffer);
  error_code ec;
  const std::size_t size = s.tls ? s.tls->read_some(buffer, ec) : s.socket.read_some(buffer, ec);
  if (ec == net::error::would_block || ec == net::error::try_again) return {};
  if (ec) return {{}, cause_of(ec, false)};
  return {{s.read_buffer.data(), size}, {}};
}

async::Task<Transport::Sent> Transport::write(std::span<const std::string_view> pieces,
                                              async::Deadline deadline) {
  State& s = *state_;
  if (s.tls) co_return co_await write_tls(pieces, deadline);
  s.buffers.clear();
  for (const std::string_view piece : pieces)
    if (!piece.empty()) s.buffers.emplace_back(piece.data(), piece.size());
  Guard guard(state_, deadline);
  std::size_t sent = 0;
  for (std::span<net::const_buffer> rest(s.buffers); !rest.empty();) {
    error_code ec;
    std::size_t size =
        s.socket.write_some(rest.first(std::min(rest.size(), kMaxBuffersPerWrite)), ec);
    if (ec == net::error::would_block || ec == net::error::try_again) {
      std::tie(ec) = co_await s.socket.async_wait(Socket::wait_write, async::kTuple);
      size = 0;
    }
    if (ec) co_return Sent{sent, cause_of(ec, guard.timed_out())};
    sent += size;
    while (!rest.empty() && size >= rest.front().size()) {
      size -= rest.front().size();
      rest = rest.subspan(1);
    }
    if (size > 0) rest.front() += size;
  }
  co_return Sent{sent, {}};
}

async::Task<Transport::Sent> Transport::write_tls(std::span<const std::string_view> pieces,
                                                  async::Deadline deadline) {
  State& s = *state_;
  Guard guard(state_, deadline);
  std::size_t started = 0;
  std::size_t offset = 0;  // in pieces.front()
  while (!pieces.empty()) {
    s.tls_buffer.clear();
    while (!pieces.empty() && s.tls_buffer.size() < kTlsChunk) {
      const auto part = pieces.front().substr(offset, kTlsChunk - s.tls_buffer.size());
      s.tls_buffer += part;
      offset += part.size();
      if (offset < pieces.front().size()) continue;
      pieces = pieces.subspan(1);
      offset = 0;
    }
    started += s.tls_buffer.size();
    auto [ec, size] = co_await net::async_write(*s.tls, net::buffer(s.tls_buffer), async::kTuple);
    if (ec) co_return Sent{started, cause_of(ec, guard.timed_out())};
  }
  co_return Sent{started, {}};
}

void Transport::close() {
  error_code ignored;
  state_->watchdog.cancel();
  // The end of an SMTP session is said by QUIT. OpenSSL must only believe that the TLS session was
  // closed in order, or it would forbid to resume it.
  if (state_->tls)
    SSL_set_shutdown(state_->tls->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  state_->socket.close(ignored);
}

bool Transport::heard_anything() const {
  if (state_->heard || !state_->tls) return state_->heard;
  // A handshake that failed: what OpenSSL was fed.
  return BIO_number_read(SSL_get_rbio(state_->tls->native_handle())) > 0;
}

std::string Transport::tls_description() const {
  if (!state_->tls) return {};
  SSL* ssl = state_->tls->native_handle();
  std::string text = SSL_get_version(ssl);
  text += ' ';
  text += SSL_get_cipher_name(ssl);
  if (SSL_session_reused(ssl) == 1) text += " resumed";
  return text;
}

}  // namespace hongyan::smtp
