#pragma once

#include "base/async/task.h"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace hongyan::async {

using Acceptor = net::basic_socket_acceptor<net::ip::tcp, Executor>;

// "ip:port" or "[ip6]:port"; nothing: it is neither.
std::optional<net::ip::tcp::endpoint> parse_endpoint(std::string_view text);

// Binds to "ip:port" or "[ip6]:port" (port 0: any) and listens. Errors: bad-address, listen-failed.
Result<void> listen_at(Acceptor& acceptor, const std::string& listen);

// PEM, the certificate with its chain; TLS 1.2 at least. Errors: bad-certificate.
Result<void> load_certificate(net::ssl::context& context, const std::string& certificate_file,
                              const std::string& key_file);

}  // namespace hongyan::async
