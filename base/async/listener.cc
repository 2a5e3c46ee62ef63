#include "base/async/listener.h"

#include <boost/asio/ip/address.hpp>

#include <charconv>

namespace hongyan::async {

using Tcp = net::ip::tcp;

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

Result<void> listen_at(Acceptor& acceptor, const std::string& listen) {
  const auto endpoint = parse_endpoint(listen);
  if (!endpoint) return fail(Scope::kProcess, "bad-address", "'" + listen + "' is no ip:port");
  boost::system::error_code error;
  acceptor.open(endpoint->protocol(), error);
  if (!error) acceptor.set_option(net::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(*endpoint, error);
  if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
  if (error) return fail(Scope::kProcess, "listen-failed", listen + ": " + error.message());
  return {};
}

Result<void> load_certificate(net::ssl::context& context, const std::string& certificate_file,
                              const std::string& key_file) {
  boost::system::error_code error;
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  context.use_certificate_chain_file(certificate_file, error);
  if (error)
    return fail(Scope::kProcess, "bad-certificate", certificate_file + ": " + error.message());
  context.use_private_key_file(key_file, net::ssl::context::pem, error);
  if (error) return fail(Scope::kProcess, "bad-certificate", key_file + ": " + error.message());
  return {};
}

}  // namespace hongyan::async
