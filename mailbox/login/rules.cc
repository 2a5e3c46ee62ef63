#include "mailbox/login/rules.h"

#include <array>
#include <cstddef>

namespace hongyan::login {
namespace {

template <std::size_t N, class E>
std::string_view word_of(const std::array<std::string_view, N>& words, E value) {
  return words.at(static_cast<std::size_t>(value));
}

}  // namespace

std::string_view protocol_name(Protocol protocol) {
  return word_of<3>({"imap", "smtp", "oauth"}, protocol);
}

std::string_view stage_name(Stage stage) {
  return word_of<11>({"lookup", "connect", "tls", "greeting", "token", "login", "id", "select",
                      "mail", "rcpt", "data"},
                     stage);
}

std::string_view responsible_name(Responsible who) {
  return word_of<4>({"user", "administrator", "provider", "hongyan"}, who);
}

std::string_view backup_name(Backup backup) {
  return word_of<3>({"never", "after-two", "at-once"}, backup);
}

std::string_view reaction_name(Reaction reaction) {
  return word_of<8>({"new-secret", "stop", "wait", "retry", "switch", "refresh", "identify", "fix"},
                    reaction);
}

}  // namespace hongyan::login
