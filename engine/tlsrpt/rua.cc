#include "engine/tlsrpt/rua.h"

#include "base/address.h"
#include "base/text.h"

#include <algorithm>
#include <charconv>

namespace hongyan::tlsrpt {
namespace {

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::optional<std::string> decode_percent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
    if (!high || !low) return std::nullopt;
    out += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return out;
}

}  // namespace

std::string record_name(std::string_view domain) {
  return "_smtp._tls." + std::string(domain);
}

std::vector<std::string> find_rua(std::span<const std::string> texts) {
  std::vector<std::string_view> records;
  for (const std::string_view text : texts)
    if (trim_blanks(split(text, ';').front()) == "v=TLSRPTv1") records.push_back(text);
  std::vector<std::string> found;
  if (records.size() != 1) return found;
  for (const std::string_view field : split(records.front(), ';')) {
    const std::string_view pair = trim_blanks(field);
    if (!pair.starts_with("rua=")) continue;
    for (const std::string_view item : split(pair.substr(4), ',')) {
      const std::string_view uri = trim_blanks(item);
      const std::string_view scheme = uri.substr(0, uri.find(':'));
      const bool known = ascii_iequals(scheme, "mailto") || ascii_iequals(scheme, "https");
      if (known && found.size() < kMostRua) found.emplace_back(uri);
    }
  }
  return found;
}

std::optional<std::string> read_mailto(std::string_view uri) {
  const auto colon = uri.find(':');
  if (colon == std::string_view::npos || !ascii_iequals(uri.substr(0, colon), "mailto"))
    return std::nullopt;
  const std::string_view to = uri.substr(colon + 1);
  const auto decoded = decode_percent(to.substr(0, to.find_first_of(",?")));
  if (!decoded) return std::nullopt;
  const auto address = parse_address(*decoded);
  if (!address) return std::nullopt;
  return address->normalised();
}

std::optional<HttpsPlace> read_https(std::string_view uri) {
  constexpr std::string_view kScheme = "https://";
  if (!ascii_iequals(uri.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  uri = uri.substr(kScheme.size(), uri.find('#') - kScheme.size());
  if (std::ranges::any_of(uri, [](char c) { return c <= ' ' || c > '~'; })) return std::nullopt;
  const auto end = std::min(uri.find_first_of("/?"), uri.size());
  const std::string_view authority = uri.substr(0, end);
  const auto colon = std::min(authority.find(':'), authority.size());
  HttpsPlace place;
  if (colon < authority.size()) {
    const char* const last = authority.data() + authority.size();
    const auto [rest, error] = std::from_chars(authority.data() + colon + 1, last, place.port);
    if (error != std::errc{} || rest != last || place.port == 0) return std::nullopt;
  }
  auto host = parse_domain(authority.substr(0, colon));
  if (!host) return std::nullopt;
  place.host = *std::move(host);
  place.target = uri.substr(end);
  if (!place.target.starts_with('/')) place.target.insert(0, "/");
  return place;
}

}  // namespace hongyan::tlsrpt
