#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Where a domain wants its reports (RFC 8460 3).
namespace hongyan::tlsrpt {

// Where its record stands: "_smtp._tls.example.com".
std::string record_name(std::string_view domain);

// Nobody needs a report more often: a record must not make us write to a hundred strangers.
inline constexpr std::size_t kMostRua = 8;

// The mailto: and https: addresses of the TXT records there. Empty: nowhere, also when several
// records claim to be it.
std::vector<std::string> find_rua(std::span<const std::string> texts);

// The address of a mailto: URI (RFC 6068), the first if it names several; header fields it asks
// for are not for us to write. Nothing: it is none that mail can be sent to.
std::optional<std::string> read_mailto(std::string_view uri);

struct HttpsPlace {
  std::string host;  // A-labels; never an address
  std::uint16_t port = 443;
  std::string target;  // path and query
};
// Nothing: it is no https: URI that can be asked for.
std::optional<HttpsPlace> read_https(std::string_view uri);

}  // namespace hongyan::tlsrpt
