#pragma once

#include "base/clock.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// How notifications are written and signed; pure.
namespace hongyan::mailbox {

struct HookPlace {
  std::string host;  // without brackets
  std::uint16_t port = 443;
  std::string target;  // path and query
  bool tls = true;
};
// Of a URL that config::check_hook_url() has passed.
std::optional<HookPlace> read_hook_url(std::string_view url);

// "t=1795140000,v1=HEX": HMAC-SHA256 over "t.body" with that time, in unix seconds. Who compares
// it also looks whether the time is near: then nobody can send an old one again.
std::string hook_signature(std::string_view secret, std::int64_t unix_seconds,
                           std::string_view body);

// What an answer of the receiver means; 0: none came.
enum class HookAnswer : unsigned char {
  kTaken,    // 2xx
  kRefused,  // another 4xx: it would say the same again
  kLater,
};
HookAnswer hook_answer(int status);

}  // namespace hongyan::mailbox
