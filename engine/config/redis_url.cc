#include "engine/config/redis_url.h"

#include <string_view>

namespace hongyan::config {
namespace {

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

}  // namespace

std::string redis_url(const RedisSettings& redis) {
  std::string url = redis.url;
  const auto option = [&url](std::string_view key, std::string_view value) {
    if (value.empty()) return;
    url += url.find('?') == std::string::npos ? '?' : '&';
    url += key;
    url += '=' + percent_encoded(value);
  };
  option("password", redis.password.reveal());
  option("ca", redis.ca_file);
  return url;
}

}  // namespace hongyan::config
