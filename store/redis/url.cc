#include "store/redis/url.h"

#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>

namespace hongyan::redis {
namespace {

std::unexpected<Error> bad(std::string detail) {
  return fail(Scope::kProcess, "redis-url", std::move(detail));
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned char byte = 0;
    if (i + 2 >= text.size()) return std::nullopt;
    const char* first = text.data() + i + 1;
    const auto [end, ec] = std::from_chars(first, first + 2, byte, 16);
    if (ec != std::errc{} || end != first + 2) return std::nullopt;
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

template <class T>
std::optional<T> whole_number(std::string_view text) {
  T value{};
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<std::string> read_secret(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return bad("password_file " + file + " cannot be read");
  std::string secret{std::istreambuf_iterator<char>(in), {}};
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  if (secret.empty()) return bad("password_file " + file + " is empty");
  return secret;
}

Result<void> set_db(ConnectOptions& into, std::string_view text) {
  const auto db = whole_number<int>(text);
  if (!db || *db < 0) return bad("the database must be a number from 0 on, as in /0");
  into.db = *db;
  return {};
}

Result<void> set_option(ConnectOptions& into, std::string_view key, std::string value) {
  if (key == "db") return set_db(into, value);
  if (key == "password_file") {
    auto secret = read_secret(value);
    if (!secret) return std::unexpected(std::move(secret.error()));
    into.password = std::move(*secret);
    return {};
  }
  if (key == "verify") {
    if (value != "yes" && value != "no") return bad("verify must be yes or no");
    into.verify_peer = value == "yes";
    return {};
  }
  std::string* field = key == "user"          ? &into.user
                       : key == "password"    ? &into.password
                       : key == "ca"          ? &into.ca_file
                       : key == "cert"        ? &into.cert_file
                       : key == "key"         ? &into.key_file
                       : key == "server_name" ? &into.server_name
                                              : nullptr;
  if (field == nullptr)
    return bad("unknown option `" + std::string(key) +
               "`; known: user, password, password_file, db, ca, cert, key, server_name, verify");
  *field = std::move(value);
  return {};
}

Result<void> set_query(ConnectOptions& into, std::string_view query) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos)
      return bad("option `" + std::string(pair) + "` has no value; write key=value");
    auto value = percent_decode(pair.substr(equals + 1));
    if (!value) return bad("a % must be followed by two hexadecimal digits");
    if (auto set = set_option(into, pair.substr(0, equals), std::move(*value)); !set) return set;
  }
  return {};
}

Result<void> set_host(ConnectOptions& into, std::string_view text) {
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return bad("the IPv6 address lacks its `]`");
    into.host = text.substr(1, close - 1);
    port = text.substr(close + 1);
    if (!port.empty() && port[0] != ':') return bad("after `]` only :port may follow");
  } else {
    const std::size_t colon = text.find(':');
    into.host = text.substr(0, colon);
    if (colon != std::string_view::npos) port = text.substr(colon);
    if (port.find(':', 1) != std::string_view::npos)
      return bad("an IPv6 address must stand in brackets, as in redis://[::1]:6379");
  }
  if (into.host.empty()) return bad("the host is missing, as in redis://127.0.0.1:6379");
  if (port.empty()) return {};
  const auto number = whole_number<std::uint16_t>(port.substr(1));
  if (!number || *number == 0) return bad("the port must be a number from 1 to 65535");
  into.port = *number;
  return {};
}

Result<void> set_authority(ConnectOptions& into, std::string_view rest) {
  // The last @: forgives one that was not escaped in the password.
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    const std::string_view login = rest.substr(0, at);
    rest.remove_prefix(at + 1);
    const std::size_t colon = login.find(':');
    auto user = percent_decode(login.substr(0, colon));
    auto password = colon == std::string_view::npos ? std::optional<std::string>(std::string())
                                                    : percent_decode(login.substr(colon + 1));
    if (!user || !password) return bad("a % must be followed by two hexadecimal digits");
    into.user = std::move(*user);
    into.password = std::move(*password);
  }
  const std::size_t slash = rest.find('/');
  if (slash != std::string_view::npos && slash + 1 < rest.size()) {
    if (auto set = set_db(into, rest.substr(slash + 1)); !set) return set;
  }
  return set_host(into, rest.substr(0, slash));
}

}  // namespace

Result<ConnectOptions> parse_url(std::string_view url) {
  ConnectOptions options;
  const std::size_t question = url.find('?');
  std::string_view rest = url.substr(0, question);
  const auto skip = [&rest](std::string_view scheme) {
    if (!rest.starts_with(scheme)) return false;
    rest.remove_prefix(scheme.size());
    return true;
  };
  Result<void> parsed;
  if (skip("redis://")) {
    parsed = set_authority(options, rest);
  } else if (skip("rediss://")) {
    options.transport = Transport::kTls;
    parsed = set_authority(options, rest);
  } else if (skip("unix:") || skip("embedded:")) {
    options.transport = url.starts_with("unix:") ? Transport::kUnix : Transport::kEmbedded;
    if (rest.starts_with("//")) rest.remove_prefix(2);
    options.path = rest;
    if (rest.empty()) parsed = bad("the path is missing, as in unix:/run/redis/redis.sock");
  } else {
    parsed =
        bad("must begin with redis://, rediss://, unix: or embedded:, "
            "as in redis://127.0.0.1:6379/0");
  }
  if (parsed && question != std::string_view::npos)
    parsed = set_query(options, url.substr(question + 1));
  if (parsed && !options.user.empty() && options.password.empty())
    parsed = bad("user `" + options.user + "` has no password; give one or password_file=FILE");
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  return options;
}

std::string ConnectOptions::socket_path() const {
  return transport == Transport::kEmbedded ? path + "/redis.sock" : path;
}

std::string ConnectOptions::masked() const {
  if (transport == Transport::kUnix) return "unix:" + path;
  if (transport == Transport::kEmbedded) return "embedded:" + path;
  std::string out = transport == Transport::kTls ? "rediss://" : "redis://";
  if (!password.empty()) out += user + ":***@";
  out += host.find(':') == std::string::npos ? host : "[" + host + "]";
  out += ":" + std::to_string(port);
  if (db != 0) out += "/" + std::to_string(db);
  return out;
}

}  // namespace hongyan::redis
