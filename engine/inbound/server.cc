#include "engine/inbound/server.h"

#include "base/async/listener.h"
#include "base/async/task_group.h"
#include "base/log.h"

#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/basic_stream.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <list>
#include <optional>

namespace hongyan::inbound {
namespace {

namespace net = boost::asio;
namespace ssl = net::ssl;
using async::kTuple;
using async::Task;
using Tcp = net::ip::tcp;
using Stream = boost::beast::basic_stream<Tcp, async::Executor>;
using boost::system::error_code;

constexpr std::size_t kBuffer = 16 * 1024;
static_assert(kBuffer > Session::kLongestLine);

}  // namespace

struct Server::Impl {
  Impl(async::Executor executor, ServerOptions opts, Desk the_desk, Take the_take)
      : options(std::move(opts)),
        desk(std::move(the_desk)),
        take(std::move(the_take)),
        acceptor(executor),
        group(executor, "inbound") {
    options.session.offers_tls = !options.certificate_file.empty();
  }

  struct Connection {
    explicit Connection(Stream::socket_type socket) : stream(std::move(socket)) {}
    Stream stream;
    net::ip::address peer;
    std::array<char, kBuffer> buffer{};
    std::size_t held = 0;  // bytes of the buffer that wait for more
    bool secret = false;   // speaks TLS
  };
  using Place = std::list<Connection>::iterator;

  Task<> accept_all();
  bool has_room(const net::ip::address& peer) const;
  Task<> serve(Place at);
  // `io` is the stream, or TLS over it. True: the handshake is to begin.
  template <class Io>
  Task<bool> talk(Io& io, Connection& connection, Session& session, std::string out);
  template <class Io>
  Task<bool> send(Io& io, Connection& connection, std::string& out);

  ServerOptions options;
  Desk desk;
  Take take;
  async::Acceptor acceptor;
  std::list<Connection> connections;
  std::optional<ssl::context> tls;
  async::TaskGroup group;
};

bool Server::Impl::has_room(const net::ip::address& peer) const {
  const auto most = static_cast<std::size_t>(options.max_connections);
  const auto of_peer = static_cast<std::size_t>(
      std::ranges::count(connections, peer, [](const Connection& one) { return one.peer; }));
  return connections.size() < most && of_peer < std::max<std::size_t>(1, most / 2);
}

Task<> Server::Impl::accept_all() {
  while (!group.stopping()) {
    auto [error, socket] = co_await acceptor.async_accept(kTuple);
    if (group.stopping() || !acceptor.is_open()) co_return;
    error_code gone;
    const auto peer = error ? Tcp::endpoint() : socket.remote_endpoint(gone);
    if (error) {  // out of descriptors, or the peer went away: neither ends the server
      log::warning("inbound-accept", {{"error", error.message()}});
      co_await async::sleep_for(std::chrono::milliseconds(100));
      continue;
    }
    if (gone) continue;
    if (!has_room(peer.address())) {
      desk.note_refusal("too-many-connections");
      socket.non_blocking(true, gone);
      socket.write_some(net::buffer("421 4.3.2 " + options.session.host + " come later\r\n"), gone);
      continue;
    }
    socket.non_blocking(true, gone);
    const auto at = connections.emplace(connections.end(), std::move(socket));
    at->peer = peer.address();
    group.spawn(serve(at));
  }
}

Task<> Server::Impl::serve(Place at) {
  struct Leave {
    Impl& impl;
    Place at;
    ~Leave() { impl.connections.erase(at); }
  };
  const Leave leave{*this, at};
  Session session(options.session, desk);
  std::string greeting;
  session.greet(greeting);
  Stream& stream = at->stream;
  if (co_await talk(stream, *at, session, std::move(greeting))) {
    ssl::stream<Stream&> io(stream, *tls);
    at->secret = true;
    stream.expires_after(options.write_timeout);
    if (auto [error] = co_await io.async_handshake(ssl::stream_base::server, kTuple); error)
      co_return;
    at->held = 0;  // nothing that was said before the handshake survives it (RFC 3207 5)
    session.tls_started();
    co_await talk(io, *at, session, {});
    if (group.stopping()) co_return;
    stream.expires_after(options.write_timeout);
    (void)co_await io.async_shutdown(kTuple);
  }
  error_code ignored;
  stream.socket().shutdown(Tcp::socket::shutdown_send, ignored);
}

template <class Io>
Task<bool> Server::Impl::send(Io& io, Connection& connection, std::string& out) {
  if (out.empty()) co_return true;
  connection.stream.expires_after(options.write_timeout);
  auto [error, written] = co_await net::async_write(io, net::buffer(out), kTuple);
  out.clear();
  co_return !error && !group.stopping();
}

template <class Io>
Task<bool> Server::Impl::talk(Io& io, Connection& connection, Session& session, std::string out) {
  using Step = Session::Step;
  auto& buffer = connection.buffer;
  std::optional<std::uint64_t> progress;
  SteadyTime until{};
  for (;;) {
    std::string_view input(buffer.data(), connection.held);
    Step step = session.feed(input, out);
    connection.held = input.size();
    if (connection.held != 0) std::memmove(buffer.data(), input.data(), connection.held);
    if (!co_await send(io, connection, out)) co_return false;
    if (step == Step::kStartTls) co_return true;
    if (step == Step::kClose) co_return false;
    if (step == Step::kDeliver) {
      connection.stream.expires_never();  // who takes it has a deadline
      const auto replies = co_await take(session.take_mail());
      if (group.stopping()) co_return false;
      session.answer(replies, out);
      if (!co_await send(io, connection, out)) co_return false;
      continue;
    }
    if (progress != session.progress()) {
      progress = session.progress();
      until = async::Deadline::in(session.in_content() ? options.content_timeout
                                                       : options.command_timeout)
                  .at;
    }
    connection.stream.expires_at(until);
    auto [error, n] = co_await io.async_read_some(
        net::buffer(buffer.data() + connection.held, buffer.size() - connection.held), kTuple);
    if (group.stopping()) co_return false;
    if (error == boost::beast::error::timeout) desk.note_refusal("too-slow");
    if (error) co_return false;
    connection.held += n;
  }
}

Server::Server(async::Executor executor, ServerOptions options, Desk desk, Take take)
    : impl_(
          std::make_unique<Impl>(executor, std::move(options), std::move(desk), std::move(take))) {}

Server::~Server() = default;

Result<unsigned short> Server::open() {
  const ServerOptions& options = impl_->options;
  if (!options.certificate_file.empty()) {
    auto& context = impl_->tls.emplace(ssl::context::tls_server);
    if (auto loaded = async::load_certificate(context, options.certificate_file, options.key_file);
        !loaded)
      return std::unexpected(loaded.error());
  }
  if (auto bound = async::listen_at(impl_->acceptor, options.listen); !bound)
    return std::unexpected(bound.error());
  impl_->group.spawn(impl_->accept_all());
  return impl_->acceptor.local_endpoint().port();
}

Task<> Server::stop() {
  impl_->group.cancel();
  error_code ignored;
  impl_->acceptor.close(ignored);
  for (auto& connection : impl_->connections) {
    if (!connection.secret)  // RFC 5321 3.8
      connection.stream.socket().write_some(
          net::buffer("421 4.3.2 " + impl_->options.session.host + " closes\r\n"), ignored);
    connection.stream.close();
  }
  co_await impl_->group.join();
}

std::size_t Server::connections() const {
  return impl_->connections.size();
}

}  // namespace hongyan::inbound
