#include "mailbox/imap/failure.h"

#include "base/text.h"

#include <array>

namespace hongyan::imap {

std::string_view stage_name(Stage stage) {
  static constexpr std::array<std::string_view, 14> kNames = {
      "connect", "tls",    "greeting", "starttls", "capability", "login",  "id",
      "list",    "select", "fetch",    "idle",     "noop",       "append", "logout"};
  return kNames.at(static_cast<std::size_t>(stage));
}

std::string Failure::sentence() const {
  std::string out(stage_name(stage));
  out.append(": ").append(status ? status_name(*status) : cause);
  if (!code.empty()) out.append(" [").append(code).append("]");
  for (const std::string* words : {&text, &detail, &challenge})
    if (!words->empty()) out.append(words == &text ? " " : "; ").append(*words);
  return escape_control(out);
}

}  // namespace hongyan::imap
