#include "metrics/http_server.h"

#include "base/async/event.h"
#include "base/log.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace hongyan::metrics {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using async::kTuple;
using async::Task;
using Tcp = net::ip::tcp;
using Acceptor = net::basic_socket_acceptor<Tcp, async::Executor>;
using Stream = beast::basic_stream<Tcp, async::Executor>;
using Request = http::request_parser<http::string_body>;
using Response = http::response<http::string_body>;

constexpr int kRequestsPerConnection = 1'000;

std::optional<Tcp::endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  unsigned short port = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, bad] = std::from_chars(text.data() + colon + 1, end, port);
  boost::system::error_code error;
  const auto address = net::ip::make_address(std::string(host), error);
  if (error || bad != std::errc{} || rest != end) return std::nullopt;
  return Tcp::endpoint(address, port);
}

// Digests have one length, so the time of the comparison tells nothing about the token.
bool same_secret(std::string_view a, std::string_view b) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> left;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> right;
  SHA256(reinterpret_cast<const unsigned char*>(a.data()), a.size(), left.data());
  SHA256(reinterpret_cast<const unsigned char*>(b.data()), b.size(), right.data());
  return CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

bool has_token(const http::request<http::string_body>& request, std::string_view token) {
  const auto field = request[http::field::authorization];
  const std::string_view value(field.data(), field.size());
  constexpr std::string_view kScheme = "bearer ";
  return value.size() > kScheme.size() &&
         beast::iequals(field.substr(0, kScheme.size()), kScheme) &&
         same_secret(value.substr(kScheme.size()), token);
}

HttpReply refusal(http::status status) {
  return {static_cast<int>(status), std::string(http::obsolete_reason(status)) + "\n"};
}

http::status status_of(const beast::error_code& error) {
  if (error == http::error::header_limit) return http::status::request_header_fields_too_large;
  if (error == http::error::body_limit) return http::status::payload_too_large;
  return http::status::bad_request;
}

// True: the peer spoke, but not HTTP as we take it; it deserves an answer.
bool is_bad_request(const beast::error_code& error) {
  return error.category() == make_error_code(http::error::bad_method).category() &&
         error != http::error::end_of_stream && error != http::error::partial_message;
}

Response made(HttpReply reply, unsigned version, bool keep_alive) {
  Response response(static_cast<http::status>(reply.status), version);
  response.set(http::field::content_type, reply.content_type);
  response.set(http::field::cache_control, "no-store");
  if (reply.status == 401) response.set(http::field::www_authenticate, "Bearer");
  if (reply.status == 405) response.set(http::field::allow, "GET, HEAD");
  response.body() = std::move(reply.body);
  response.keep_alive(keep_alive);
  response.prepare_payload();
  return response;
}

}  // namespace

struct HttpServer::Impl {
  Impl(async::Executor executor, HttpOptions opts, std::vector<HttpRoute> table)
      : options(std::move(opts)),
        routes(std::move(table)),
        acceptor(executor),
        room(executor),
        group(executor, "http") {}

  Task<> accept_all();
  Task<> serve(std::list<Stream>::iterator at);
  Task<> talk(Stream& stream);
  Task<HttpReply> answer(const http::request<http::string_body>& request);
  Task<bool> send(Stream& stream, Response response, bool head);

  HttpOptions options;
  std::vector<HttpRoute> routes;
  Acceptor acceptor;
  std::list<Stream> streams;
  async::Event room;
  async::TaskGroup group;
};

Task<> HttpServer::Impl::accept_all() {
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

Task<> HttpServer::Impl::serve(std::list<Stream>::iterator at) {
  struct Leave {
    Impl& impl;
    std::list<Stream>::iterator at;
    ~Leave() {
      impl.streams.erase(at);
      impl.room.notify_one();
    }
  };
  const Leave leave{*this, at};
  co_await talk(*at);
}

Task<> HttpServer::Impl::talk(Stream& stream) {
  beast::flat_buffer buffer;
  for (int n = 0; n < kRequestsPerConnection && !group.stopping(); ++n) {
    Request parser;
    parser.header_limit(static_cast<std::uint32_t>(options.max_header));
    parser.body_limit(0);
    stream.expires_after(options.request_timeout);
    auto [error, read] = co_await http::async_read(stream, buffer, parser, kTuple);
    if (group.stopping()) co_return;
    if (error) {
      if (is_bad_request(error))
        co_await send(stream, made(refusal(status_of(error)), 11, false), false);
      co_return;
    }
    const auto& request = parser.get();
    const bool head = request.method() == http::verb::head;
    const bool more = request.keep_alive() && n + 1 < kRequestsPerConnection;
    stream.expires_never();  // a handler has its own deadline
    HttpReply reply = co_await answer(request);
    if (group.stopping()) co_return;
    if (!co_await send(stream, made(std::move(reply), request.version(), more), head)) co_return;
    if (!more) break;
  }
  boost::system::error_code ignored;
  stream.socket().shutdown(Tcp::socket::shutdown_send, ignored);
}

Task<HttpReply> HttpServer::Impl::answer(const http::request<http::string_body>& request) {
  const std::string target(request.target());
  const std::string path = target.substr(0, target.find('?'));
  const auto route = std::ranges::find(routes, path, &HttpRoute::path);
  if (route == routes.end()) co_return refusal(http::status::not_found);
  if (request.method() != http::verb::get && request.method() != http::verb::head)
    co_return refusal(http::status::method_not_allowed);
  if (route->needs_token && !options.bearer_token.empty() &&
      !has_token(request, options.bearer_token))
    co_return refusal(http::status::unauthorized);
  co_return co_await route->handler();
}

// HEAD: the header of the same GET, its length included, and no body.
Task<bool> HttpServer::Impl::send(Stream& stream, Response response, bool head) {
  http::response_serializer<http::string_body> serializer(response);
  serializer.split(head);
  stream.expires_after(options.reply_timeout);
  if (head) {
    auto [error, written] = co_await http::async_write_header(stream, serializer, kTuple);
    co_return !error;
  }
  auto [error, written] = co_await http::async_write(stream, serializer, kTuple);
  co_return !error;
}

HttpServer::HttpServer(async::Executor executor, HttpOptions options, std::vector<HttpRoute> routes)
    : impl_(std::make_unique<Impl>(executor, std::move(options), std::move(routes))) {}

HttpServer::~HttpServer() = default;

Result<unsigned short> HttpServer::open() {
  const auto endpoint = parse_endpoint(impl_->options.listen);
  if (!endpoint)
    return fail(Scope::kProcess, "bad-address", "'" + impl_->options.listen + "' is no ip:port");
  Acceptor& acceptor = impl_->acceptor;
  boost::system::error_code error;
  acceptor.open(endpoint->protocol(), error);
  if (!error) acceptor.set_option(net::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(*endpoint, error);
  if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
  if (error)
    return fail(Scope::kProcess, "listen-failed", impl_->options.listen + ": " + error.message());
  impl_->group.spawn(impl_->accept_all());
  return acceptor.local_endpoint().port();
}

Task<> HttpServer::stop() {
  impl_->group.cancel();
  boost::system::error_code ignored;
  impl_->acceptor.close(ignored);
  for (Stream& stream : impl_->streams) stream.close();
  impl_->room.notify_all();
  co_await impl_->group.join();
}

std::size_t HttpServer::connections() const {
  return impl_->streams.size();
}

}  // namespace hongyan::metrics
