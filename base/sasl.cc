#include "base/sasl.h"

namespace hongyan::sasl {

std::string plain(std::string_view user, std::string_view password) {
  std::string message(1, '\0');  // no authorization identity
  message.append(user).append(1, '\0').append(password);
  return message;
}

std::string oauthbearer(std::string_view user, std::string_view token, std::string_view host,
                        std::uint16_t port) {
  // RFC 5801 4: comma and equals sign are written as =2C and =3D in a GS2 header.
  std::string message = "n,a=";
  for (const char c : user) message += c == ',' ? "=2C" : c == '=' ? "=3D" : std::string(1, c);
  message += ",\1";
  if (!host.empty()) {
    message.append("host=").append(host).append("\1port=");
    message.append(std::to_string(port)).append("\1");
  }
  message.append("auth=Bearer ").append(token).append("\1\1");
  return message;
}

std::string xoauth2(std::string_view user, std::string_view token) {
  std::string message = "user=";
  message.append(user).append("\1auth=Bearer ").append(token).append("\1\1");
  return message;
}

bool is_clean(std::string_view text) {
  return !text.contains('\0') && !text.contains('\1');
}

}  // namespace hongyan::sasl
