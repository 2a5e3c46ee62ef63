#include "engine/message/liquid/html.h"

namespace hongyan::liquid {

bool append_escaped(std::string_view text, std::string& out, std::size_t limit) {
  while (!text.empty()) {
    const std::size_t plain = text.find_first_of("&<>\"'");
    const std::string_view front = text.substr(0, plain);
    if (front.size() > limit || out.size() > limit - front.size()) return false;
    out += front;
    if (plain == std::string_view::npos) return true;
    switch (text[plain]) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += "&#39;";
    }
    text.remove_prefix(plain + 1);
  }
  return out.size() <= limit;
}

}  // namespace hongyan::liquid
