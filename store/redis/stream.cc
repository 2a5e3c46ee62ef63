#include "store/redis/stream.h"

#include "store/redis/unix_path.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>
#include <openssl/ssl.h>

#include <vector>

namespace hongyan::redis {
namespace {

using async::kTuple;
namespace net = async::net;
using boost::system::error_code;
using TcpEndpoint = net::ip::tcp::endpoint;

std::unexpected<Error> away(std::string detail) {
  return fail(Scope::kProcess, "redis-away", std::move(detail));
}
std::unexpected<Error> denied(std::string detail) {
  return fail(Scope::kProcess, "redis-denied", std::move(detail));
}
std::unexpected<Error> lost(error_code ec) {
  return fail(Scope::kProcess, "redis-lost",
              ec == net::error::eof ? "Redis closed the connection" : ec.message());
}

// Names go to the system's resolver, for it knows /etc/hosts and the search domains of a cluster.
// Asio cannot cancel that: an attempt may outlive its deadline by the resolver's own.
async::Task<Result<std::vector<TcpEndpoint>>> resolve(std::string host, std::uint16_t port) {
  error_code ec;
  if (const auto address = net::ip::make_address(host, ec); !ec)
    co_return std::vector{TcpEndpoint(address, port)};
  net::ip::basic_resolver<net::ip::tcp, async::Executor> resolver(
      co_await net::this_coro::executor);
  auto [failed, found] = co_await resolver.async_resolve(host, std::to_string(port), kTuple);
  if (failed) co_return away("name " + host + " not found: " + failed.message());
  std::vector<TcpEndpoint> endpoints;
  for (const auto& entry : found) endpoints.push_back(entry.endpoint());
  co_return endpoints;
}

}  // namespace

Stream::Stream(async::Executor executor) : executor_(executor), socket_(executor) {}

void Stream::close() {
  error_code ignored;
  socket_.close(ignored);
}

async::Task<Result<void>> Stream::open(const ConnectOptions& options, async::Deadline deadline) {
  close();
  tls_.reset();
  opening_ = std::make_shared<int>();
  async::Timer watchdog(executor_, deadline.at);
  watchdog.async_wait([this, alive = std::weak_ptr<int>(opening_)](error_code ec) {
    if (!ec && !alive.expired()) close();
  });
  const bool local =
      options.transport == Transport::kUnix || options.transport == Transport::kEmbedded;
  Result<void> opened =
      local ? co_await open_unix(options.socket_path()) : co_await open_tcp(options);
  if (opened && options.transport == Transport::kTls) opened = co_await shake_hands(options);
  opening_.reset();
  if (!opened) close();
  if (!opened && std::chrono::steady_clock::now() >= deadline.at)
    co_return away("no connection in time");
  co_return opened;
}

async::Task<Result<void>> Stream::open_unix(std::string path) {
  const auto address = UnixPath::of(path);
  if (!address) co_return std::unexpected(address.error());
  const net::local::stream_protocol::endpoint endpoint(address->reachable());
  auto [ec] = co_await socket_.async_connect(endpoint, kTuple);
  if (ec) co_return away("socket " + path + ": " + ec.message());
  co_return Result<void>();
}

async::Task<Result<void>> Stream::open_tcp(const ConnectOptions& options) {
  auto endpoints = co_await resolve(options.host, options.port);
  if (!endpoints) co_return std::unexpected(std::move(endpoints.error()));
  error_code last = net::error::host_not_found;
  for (const TcpEndpoint& endpoint : *endpoints) {
    close();
    std::tie(last) = co_await socket_.async_connect(endpoint, kTuple);
    if (last == net::error::operation_aborted) break;
    if (last) continue;
    error_code ignored;
    socket_.set_option(net::ip::tcp::no_delay(true), ignored);
    socket_.set_option(net::socket_base::keep_alive(true), ignored);
    co_return Result<void>();
  }
  co_return away(options.masked() + ": " + last.message());
}

Result<void> Stream::prepare_tls(const ConnectOptions& options) {
  error_code ec;
  if (!tls_context_) {
    auto context = std::make_unique<net::ssl::context>(net::ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    if (options.ca_file.empty())
      context->set_default_verify_paths(ec);
    else
      context->load_verify_file(options.ca_file, ec);
    if (ec) return denied("CA file " + options.ca_file + ": " + ec.message());
    if (!options.cert_file.empty()) context->use_certificate_chain_file(options.cert_file, ec);
    if (ec) return denied("certificate " + options.cert_file + ": " + ec.message());
    if (!options.key_file.empty())
      context->use_private_key_file(options.key_file, net::ssl::context::pem, ec);
    if (ec) return denied("key " + options.key_file + ": " + ec.message());
    tls_context_ = std::move(context);
  }
  tls_ = std::make_unique<Tls>(socket_, *tls_context_);
  const std::string& name = options.server_name.empty() ? options.host : options.server_name;
  if (options.verify_peer) {
    tls_->set_verify_mode(net::ssl::verify_peer, ec);
    tls_->set_verify_callback(net::ssl::host_name_verification(name), ec);
  } else {
    tls_->set_verify_mode(net::ssl::verify_none, ec);
  }
  net::ip::make_address(name, ec);
  if (ec) {  // RFC 6066 3: no address literals in the server name indication
    const auto set = SSL_ctrl(tls_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME,
                              TLSEXT_NAMETYPE_host_name, const_cast<char*>(name.c_str()));
    if (set != 1) return denied("server name " + name + " cannot be used");
  }
  return {};
}

async::Task<Result<void>> Stream::shake_hands(const ConnectOptions& options) {
  if (auto ready = prepare_tls(options); !ready) co_return ready;
  auto [ec] = co_await tls_->async_handshake(net::ssl::stream_base::client, kTuple);
  if (!ec) co_return Result<void>();
  if (const long verdict = SSL_get_verify_result(tls_->native_handle()); verdict != X509_V_OK)
    co_return denied("the server's certificate does not verify: " +
                     std::string(X509_verify_cert_error_string(verdict)));
  co_return away("TLS handshake with " + options.masked() + ": " + ec.message());
}

async::Task<Result<std::size_t>> Stream::read_some(char* into, std::size_t room) {
  const net::mutable_buffer buffer(into, room);
  auto [ec, size] = tls_ ? co_await tls_->async_read_some(buffer, kTuple)
                         : co_await socket_.async_read_some(buffer, kTuple);
  if (ec) co_return lost(ec);
  co_return size;
}

async::Task<Result<void>> Stream::write(const std::string& bytes) {
  const net::const_buffer buffer = net::buffer(bytes);
  auto [ec, size] = tls_ ? co_await net::async_write(*tls_, buffer, kTuple)
                         : co_await net::async_write(socket_, buffer, kTuple);
  if (ec) co_return lost(ec);
  co_return Result<void>();
}

}  // namespace hongyan::redis
