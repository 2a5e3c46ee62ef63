#include "base/http/server.h"

#include "base/async/event.h"
#include "base/async/listener.h"
#include "base/log.h"

#include <boost/asio/ssl.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <optional>

namespace hongyan::http {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace wire = beast::http;
namespace ssl = net::ssl;
using async::kTuple;
using async::Task;
using Tcp = net::ip::tcp;
using Stream = beast::basic_stream<Tcp, async::Executor>;
using Parser = wire::request_parser<wire::string_body>;
using Response = wire::response<wire::string_body>;

constexpr int kRequestsPerConnection = 1'000;

// Digests have one length, so the time of the comparison tells nothing about the token.
bool same_secret(std::string_view a, std::string_view b) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> left;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> right;
  SHA256(reinterpret_cast<const unsigned char*>(a.data()), a.size(), left.data());
  SHA256(reinterpret_cast<const unsigned char*>(b.data()), b.size(), right.data());
  return CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

bool has_token(const wire::request<wire::string_body>& request, std::string_view token) {
  const auto field = request[wire::field::authorization];
  const std::string_view value(field.data(), field.size());
  constexpr std::string_view kScheme = "bearer ";
  return value.size() > kScheme.size() &&
         beast::iequals(field.substr(0, kScheme.size()), kScheme) &&
         same_secret(value.substr(kScheme.size()), token);
}

Reply refusal(wire::status status, std::string allow = {}) {
  return {.status = static_cast<int>(status),
          .body = std::string(wire::obsolete_reason(status)) + "\n",
          .allow = std::move(allow)};
}

wire::status status_of(const beast::error_code& error) {
  if (error == wire::error::header_limit) return wire::status::request_header_fields_too_large;
  if (error == wire::error::body_limit) return wire::status::payload_too_large;
  return wire::status::bad_request;
}

// True: the peer spoke, but not HTTP as we take it; it deserves an answer.
bool is_bad_request(const beast::error_code& error) {
  return error.category() == make_error_code(wire::error::bad_method).category() &&
         error != wire::error::end_of_stream && error != wire::error::partial_message;
}

Response made(Reply reply, unsigned version, bool keep_alive) {
  Response response(static_cast<wire::status>(reply.status), version);
  response.set(wire::field::content_type, reply.content_type);
  response.set(wire::field::cache_control, "no-store");
  if (reply.status == 401) response.set(wire::field::www_authenticate, "Bearer");
  if (!reply.allow.empty()) response.set(wire::field::allow, reply.allow);
  if (!reply.location.empty()) response.set(wire::field::location, reply.location);
  response.body() = std::move(reply.body);
  response.keep_alive(keep_alive);
  response.prepare_payload();
  return response;
}

}  // namespace

struct Server::Impl {
  Impl(async::Executor executor, Options opts, std::vector<Route> table)
      : options(std::move(opts)),
        routes(std::move(table)),
        acceptor(executor),
        room(executor),
        group(executor, "http") {}

  Task<> accept_all();
  Task<> serve(std::list<Stream>::iterator at);
  Task<> talk_tls(Stream& stream);
  // `io` is the stream, or TLS over it.
  template <class Io>
  Task<> talk(Io& io, Stream& stream);
  Task<Reply> answer(const wire::request<wire::string_body>& request);
  template <class Io>
  Task<bool> send(Io& io, Stream& stream, Response response, bool head);

  Options options;
  std::vector<Route> routes;
  async::Acceptor acceptor;
  std::list<Stream> streams;
  async::Event room;
  async::TaskGroup group;
  std::optional<ssl::context> tls;
};

Task<> Server::Impl::accept_all() {
  while (!group.stopping()) {
    if (streams.size() >= static_cast<std::size_t>(options.max_connections)) {
      co_await room.wait();
      continue;
    }
    auto [error, socket] = co_await acceptor.async_accept(kTuple);
    if (group.stopping() || !acceptor.is_open()) co_return;
    if (error) {  // out of descriptors, or the peer went away: neither ends the server
      log::warning("http-accept", {{"error", error.message()}});
      co_await async::sleep_for(std::chrono::milliseconds(100));
      continue;
    }
    group.spawn(serve(streams.emplace(streams.end(), std::move(socket))));
  }
}

Task<> Server::Impl::serve(std::list<Stream>::iterator at) {
  struct Leave {
    Impl& impl;
    std::list<Stream>::iterator at;
    ~Leave() {
      impl.streams.erase(at);
      impl.room.notify_one();
    }
  };
  const Leave leave{*this, at};
  if (tls) {
    co_await talk_tls(*at);
  } else {
    co_await talk(*at, *at);
  }
}

Task<> Server::Impl::talk_tls(Stream& stream) {
  ssl::stream<Stream&> io(stream, *tls);
  stream.expires_after(options.request_timeout);
  if (auto [error] = co_await io.async_handshake(ssl::stream_base::server, kTuple); error)
    co_return;
  co_await talk(io, stream);
  if (group.stopping()) co_return;
  stream.expires_after(options.reply_timeout);
  (void)co_await io.async_shutdown(kTuple);
}

template <class Io>
Task<> Server::Impl::talk(Io& io, Stream& stream) {
  beast::flat_buffer buffer;
  for (int n = 0; n < kRequestsPerConnection && !group.stopping(); ++n) {
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(options.max_header));
    parser.body_limit(options.max_body);
    stream.expires_after(options.request_timeout);
    auto [error, read] = co_await wire::async_read(io, buffer, parser, kTuple);
    if (group.stopping()) co_return;
    if (error) {
      if (is_bad_request(error))
        co_await send(io, stream, made(refusal(status_of(error)), 11, false), false);
      co_return;
    }
    const auto& request = parser.get();
    const bool head = request.method() == wire::verb::head;
    const bool more = request.keep_alive() && n + 1 < kRequestsPerConnection;
    stream.expires_never();  // a handler has its own deadline
    Reply reply = co_await answer(request);
    if (group.stopping()) co_return;
    if (!co_await send(io, stream, made(std::move(reply), request.version(), more), head))
      co_return;
    if (!more) break;
  }
  if constexpr (std::same_as<Io, Stream>) {
    boost::system::error_code ignored;
    stream.socket().shutdown(Tcp::socket::shutdown_send, ignored);
  }
}

Task<Reply> Server::Impl::answer(const wire::request<wire::string_body>& request) {
  const std::string target(request.target());
  const auto question = std::min(target.find('?'), target.size());
  const Request asked{std::string(request.method_string()), target.substr(0, question),
                      target.substr(std::min(question + 1, target.size())), request.body()};
  const auto route = std::ranges::find_if(routes, [&](const Route& one) {
    return one.path.ends_with('/') ? asked.path.starts_with(one.path) : asked.path == one.path;
  });
  if (route == routes.end()) co_return refusal(wire::status::not_found);
  const bool reads = request.method() == wire::verb::get || request.method() == wire::verb::head;
  if (!reads && !(route->takes_post && request.method() == wire::verb::post))
    co_return refusal(wire::status::method_not_allowed,
                      route->takes_post ? "GET, HEAD, POST" : "GET, HEAD");
  if (route->needs_token && !options.bearer_token.empty() &&
      !has_token(request, options.bearer_token))
    co_return refusal(wire::status::unauthorized);
  co_return co_await route->handler(asked);
}

// HEAD: the header of the same GET, its length included, and no body.
template <class Io>
Task<bool> Server::Impl::send(Io& io, Stream& stream, Response response, bool head) {
  wire::response_serializer<wire::string_body> serializer(response);
  serializer.split(head);
  stream.expires_after(options.reply_timeout);
  if (head) {
    auto [error, written] = co_await wire::async_write_header(io, serializer, kTuple);
    co_return !error;
  }
  auto [error, written] = co_await wire::async_write(io, serializer, kTuple);
  co_return !error;
}

Server::Server(async::Executor executor, Options options, std::vector<Route> routes)
    : impl_(std::make_unique<Impl>(executor, std::move(options), std::move(routes))) {}

Server::~Server() = default;

Result<unsigned short> Server::open() {
  const Options& options = impl_->options;
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
  boost::system::error_code ignored;
  impl_->acceptor.close(ignored);
  for (Stream& stream : impl_->streams) stream.close();
  impl_->room.notify_all();
  co_await impl_->group.join();
}

std::size_t Server::connections() const {
  return impl_->streams.size();
}

}  // namespace hongyan::http
