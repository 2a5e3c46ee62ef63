#include "mailbox/office/hook_form.h"

#include "mailbox/vault/hkdf.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace hongyan::mailbox {

std::optional<HookPlace> read_hook_url(std::string_view url) {
  HookPlace place;
  place.tls = url.starts_with("https://");
  if (!place.tls && !url.starts_with("http://")) return std::nullopt;
  place.port = place.tls ? 443 : 80;
  url.remove_prefix(url.find("//") + 2);
  const std::size_t slash = std::min(url.find('/'), url.size());
  place.target = slash == url.size() ? "/" : std::string(url.substr(slash));
  std::string_view host = url.substr(0, slash);
  const std::size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos) {
    const std::string_view port = host.substr(colon + 1);
    const auto [end, fault] = std::from_chars(port.data(), port.data() + port.size(), place.port);
    if (fault != std::errc{} || end != port.data() + port.size()) return std::nullopt;
    host = host.substr(0, colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty()) return std::nullopt;
  place.host = host;
  return place;
}

std::string hook_signature(std::string_view secret, std::int64_t unix_seconds,
                           std::string_view body) {
  const Secret mac =
      vault::hmac_sha256(secret, std::to_string(unix_seconds) + "." + std::string(body));
  std::string text = "t=" + std::to_string(unix_seconds) + ",v1=";
  for (const char byte : mac.reveal())
    text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

HookAnswer hook_answer(int status) {
  if (status >= 200 && status < 300) return HookAnswer::kTaken;
  const bool is_later = status == 408 || status == 425 || status == 429;
  return status >= 400 && status < 500 && !is_later ? HookAnswer::kRefused : HookAnswer::kLater;
}

}  // namespace hongyan::mailbox
