#pragma once

#include "base/error.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace hongyan::redis {

enum class Transport : unsigned char { kTcp, kTls, kUnix, kEmbedded };

// Where a Redis is and how to speak to it. Usually from parse_url(); every field may be set after.
struct ConnectOptions {
  Transport transport = Transport::kTcp;
  std::string host = "127.0.0.1";
  std::uint16_t port = 6379;
  std::string path;  // kUnix: the socket; kEmbedded: the folder

  std::string user;  // empty: Redis' user "default"
  std::string password;
  int db = 0;

  std::string ca_file;      // kTls: trust this instead of the system's roots
  std::string cert_file;    // kTls: our certificate, when the server asks for one
  std::string key_file;     //
  std::string server_name;  // kTls: name to verify; empty: host
  bool verify_peer = true;  // kTls: `verify=no` in the URL turns it off
  std::string client_name = "hongyan";

  std::chrono::milliseconds backoff_min{50};
  std::chrono::milliseconds backoff_max{2000};

  // The socket to connect to for kUnix and kEmbedded.
  std::string socket_path() const;
  // For people and logs: the URL with "***" for the password.
  std::string masked() const;
};

// redis://[user[:password]@]host[:port][/db], rediss://..., unix:PATH, embedded:DIR, then
// ?key=value&...: user, password, password_file, db, ca, cert, key, server_name, verify=yes|no.
// Percent-escapes are decoded in user, password and option values. An IPv6 host stands in brackets.
//
// Errors: "redis-url", a sentence that says what is wrong and never contains the secret;
// reads password_file when there is one.
Result<ConnectOptions> parse_url(std::string_view url);

}  // namespace hongyan::redis
