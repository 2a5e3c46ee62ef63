#include "base/http/client.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <openssl/x509v3.h>

#include <stdexcept>
#include <utility>

namespace hongyan::http {
namespace {

namespace net = async::net;
namespace ssl = boost::asio::ssl;
namespace beast = boost::beast;
using Tcp = net::ip::tcp;
using Stream = beast::basic_stream<Tcp, async::Executor>;

constexpr std::chrono::seconds kWhole{60};
constexpr std::size_t kMaxHeader = 8192;
constexpr std::uint16_t kHttps = 443;
constexpr std::uint16_t kHttp = 80;

std::unexpected<Error> unreachable(const std::string& host, const std::string& why) {
  return fail(Scope::kHost, "http-unreachable", host + ": " + why);
}

beast::http::request<beast::http::string_body> request_of(Question question) {
  const auto verb = question.body.empty() ? beast::http::verb::get : beast::http::verb::post;
  beast::http::request<beast::http::string_body> request(verb, question.target, 11);
  request.set(beast::http::field::host, question.port == (question.tls ? kHttps : kHttp)
                                            ? question.host
                                            : question.host + ':' + std::to_string(question.port));
  request.set(beast::http::field::user_agent, "hongyan");
  request.set(beast::http::field::connection, "close");
  for (const auto& [name, value] : question.headers) request.set(name, value);
  if (question.body.empty()) return request;
  request.set(beast::http::field::content_type, question.content_type);
  request.body() = std::move(question.body);
  request.prepare_payload();
  return request;
}

template <class S>
async::Task<Result<Answer>> exchange(S& stream, Question question, std::size_t max_body) {
  const std::string host = question.host;
  const auto request = request_of(std::move(question));
  auto [written, sent] = co_await beast::http::async_write(stream, request, async::kTuple);
  if (written) co_return unreachable(host, written.message());
  beast::flat_buffer buffer;
  beast::http::response_parser<beast::http::string_body> parser;
  parser.header_limit(kMaxHeader);
  parser.body_limit(max_body);
  auto [read, size] = co_await beast::http::async_read(stream, buffer, parser, async::kTuple);
  if (read) co_return fail(Scope::kHost, "http-answer", host + ": " + read.message());
  auto& answer = parser.get();
  const auto type = answer[beast::http::field::content_type];
  co_return Answer{static_cast<int>(answer.result_int()), std::string(type.data(), type.size()),
                   std::move(answer.body())};
}

}  // namespace

struct Client::State {
  ssl::context tls{ssl::context::tls_client};
  std::size_t max_body;
};

Client::Client(const std::string& ca_file, std::size_t max_body)
    : state_(std::make_unique<State>()) {
  state_->max_body = max_body;
  SSL_CTX* native = state_->tls.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
  if (ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(native);
  } else if (SSL_CTX_load_verify_locations(native, ca_file.c_str(), nullptr) != 1) {
    throw std::runtime_error("cannot read certificates from " + ca_file);
  }
}

Client::~Client() = default;

async::Task<Result<Answer>> Client::ask(Question question) {
  const std::string host = question.host;
  std::vector<Tcp::endpoint> endpoints;
  endpoints.reserve(question.addresses.size());
  for (const IpAddress& address : question.addresses) {
    endpoints.emplace_back(net::ip::make_address(address.to_string()), question.port);
    if (!question.tls && !endpoints.back().address().is_loopback())
      co_return fail(Scope::kHost, "http-plain", host + " is another host: https only");
  }
  beast::ssl_stream<Stream> stream(co_await net::this_coro::executor, state_->tls);
  Stream& tcp = beast::get_lowest_layer(stream);
  tcp.expires_after(kWhole);

  auto [connected, at] = co_await tcp.async_connect(endpoints, async::kTuple);
  if (connected) co_return unreachable(host, connected.message());
  if (!question.tls) co_return co_await exchange(tcp, std::move(question), state_->max_body);
  SSL* native = stream.native_handle();
  SSL_set_tlsext_host_name(native, host.c_str());
  SSL_set_hostflags(native, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  SSL_set1_host(native, host.c_str());
  auto [shaken] = co_await stream.async_handshake(ssl::stream_base::client, async::kTuple);
  if (shaken) {
    const long verdict = SSL_get_verify_result(native);
    if (verdict == X509_V_OK) co_return unreachable(host, shaken.message());
    co_return fail(Scope::kHost, "http-certificate",
                   host + ": " + X509_verify_cert_error_string(verdict));
  }

  co_return co_await exchange(stream, std::move(question), state_->max_body);
}

}  // namespace hongyan::http
