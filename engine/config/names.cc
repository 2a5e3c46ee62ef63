#include "engine/config/names.h"

#include <array>

namespace hongyan::config {
namespace {

constexpr std::array<std::string_view, 4> kTlsModes = {"off", "opportunistic", "required",
                                                       "verified"};
constexpr std::array<std::string_view, 4> kLevels = {"debug", "info", "warning", "error"};

template <class E, std::size_t N>
std::optional<E> find_name(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == name) return static_cast<E>(i);
  return std::nullopt;
}

}  // namespace

std::string_view tls_mode_name(TlsMode mode) {
  return kTlsModes.at(static_cast<std::size_t>(mode));
}
std::optional<TlsMode> find_tls_mode(std::string_view name) {
  return find_name<TlsMode>(kTlsModes, name);
}

std::string_view level_name(log::Level level) {
  return kLevels.at(static_cast<std::size_t>(level));
}
std::optional<log::Level> find_level(std::string_view name) {
  return find_name<log::Level>(kLevels, name);
}

}  // namespace hongyan::config
