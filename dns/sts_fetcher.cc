#include "dns/sts_fetcher.h"

#include "base/text.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace hongyan::dns {
namespace {

namespace net = async::net;
namespace ssl = boost::asio::ssl;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = net::ip::tcp;
using Stream = beast::basic_stream<Tcp, async::Executor>;
using boost::system::error_code;

constexpr std::chrono::seconds kWhole{60};
constexpr std::size_t kMaxHeader = 8192;

std::unexpected<Error> unreachable(const std::string& host, const std::string& why) {
  return fail(Scope::kHost, "sts-unreachable", host + ": " + why);
}

bool is_plain_text(std::string_view type) {
  return ascii_lower(trim_blanks(type.substr(0, type.find(';')))) == "text/plain";
}

}  // namespace

struct StsFetcher::State {
  ssl::context tls{ssl::context::tls_client};
  std::uint16_t port;
};

StsFetcher::StsFetcher(const std::string& ca_file, std::uint16_t port)
    : state_(std::make_unique<State>()) {
  state_->port = port;
  SSL_CTX* native = state_->tls.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
  if (ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(native);
  } else if (SSL_CTX_load_verify_locations(native, ca_file.c_str(), nullptr) != 1) {
    throw std::runtime_error("cannot read certificates from " + ca_file);
  }
}

StsFetcher::~StsFetcher() = default;

async::Task<Result<StsPolicy>> StsFetcher::fetch(std::string domain,
                                                 std::vector<IpAddress> addresses) {
  const std::string host = "mta-sts." + domain;
  std::vector<Tcp::endpoint> endpoints;
  for (const IpAddress& address : addresses)
    endpoints.emplace_back(net::ip::make_address(address.to_string()), state_->port);
  beast::ssl_stream<Stream> stream(co_await net::this_coro::executor, state_->tls);
  Stream& tcp = beast::get_lowest_layer(stream);
  tcp.expires_after(kWhole);

  auto [connected, at] = co_await tcp.async_connect(endpoints, async::kTuple);
  if (connected) co_return unreachable(host, connected.message());
  SSL* native = stream.native_handle();
  SSL_set_tlsext_host_name(native, host.c_str());
  SSL_set_hostflags(native, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  SSL_set1_host(native, host.c_str());
  auto [shaken] = co_await stream.async_handshake(ssl::stream_base::client, async::kTuple);
  if (shaken) {
    const long verdict = SSL_get_verify_result(native);
    if (verdict == X509_V_OK) co_return unreachable(host, shaken.message());
    co_return fail(Scope::kHost, "sts-certificate",
                   host + ": " + X509_verify_cert_error_string(verdict));
  }

  http::request<http::empty_body> request(http::verb::get, "/.well-known/mta-sts.txt", 11);
  request.set(http::field::host, host);
  request.set(http::field::user_agent, "hongyan");
  request.set(http::field::connection, "close");
  auto [written, sent] = co_await http::async_write(stream, request, async::kTuple);
  if (written) co_return unreachable(host, written.message());
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.header_limit(kMaxHeader);
  parser.body_limit(kMaxStsPolicy);
  auto [read, size] = co_await http::async_read(stream, buffer, parser, async::kTuple);
  if (read) co_return fail(Scope::kHost, "sts-answer", host + ": " + read.message());
  const auto& answer = parser.get();
  if (answer.result() != http::status::ok)
    co_return fail(Scope::kHost, "sts-answer",
                   host + ": status " + std::to_string(answer.result_int()));
  const auto type = answer[http::field::content_type];
  if (!is_plain_text({type.data(), type.size()}))
    co_return fail(Scope::kHost, "sts-answer", host + ": is no text/plain");
  co_return parse_sts_policy(answer.body());
}

}  // namespace hongyan::dns
