#include "dns/spf_macro.h"

#include "base/text.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace hongyan::dns {
namespace {

constexpr std::size_t kMaxName = 253;
constexpr std::string_view kDelimiters = ".-+,/_=";

struct Macro {
  char letter = 's';  // lower case
  bool url = false;   // written in upper case: URL-escaped
  int keep = 0;       // right-hand parts; 0: all
  bool reversed = false;
  std::string_view delimiters = ".";
  std::size_t length = 0;  // of the whole, "%{...}"
};

// At a "%{"; nothing when it is no macro. c, r and t are for explanations only.
std::optional<Macro> read_macro(std::string_view text) {
  const std::size_t end = text.find('}');
  if (end == std::string_view::npos || end < 3) return std::nullopt;
  std::string_view inside = text.substr(2, end - 2);
  Macro macro;
  macro.length = end + 1;
  const char letter = inside.front();
  macro.url = letter >= 'A' && letter <= 'Z';
  macro.letter = macro.url ? static_cast<char>(letter - 'A' + 'a') : letter;
  if (!std::string_view("slodiphv").contains(macro.letter)) return std::nullopt;
  inside.remove_prefix(1);
  int digits = 0;
  while (!inside.empty() && inside.front() >= '0' && inside.front() <= '9') {
    macro.keep = std::min(macro.keep * 10 + (inside.front() - '0'), 1000);
    inside.remove_prefix(1);
    ++digits;
  }
  if (digits > 0 && macro.keep == 0) return std::nullopt;
  if (!inside.empty() && (inside.front() == 'r' || inside.front() == 'R')) {
    macro.reversed = true;
    inside.remove_prefix(1);
  }
  if (inside.find_first_not_of(kDelimiters) != std::string_view::npos) return std::nullopt;
  if (!inside.empty()) macro.delimiters = inside;
  return macro;
}

std::string address_text(const IpAddress& ip) {
  if (ip.is_v4()) return ip.to_string();
  std::string text;
  for (const std::uint8_t byte : ip.bytes())
    for (const int nibble : {byte >> 4, byte & 15}) {
      if (!text.empty()) text += '.';
      text += "0123456789abcdef"[nibble];
    }
  return text;
}

std::string value_of(char letter, const SpfMacroValues& values) {
  const std::size_t at = values.sender.rfind('@');
  switch (letter) {
    case 's':
      return std::string(values.sender);
    case 'l':
      return std::string(values.sender.substr(0, at));
    case 'o':
      return std::string(at == std::string_view::npos ? std::string_view()
                                                      : values.sender.substr(at + 1));
    case 'd':
      return std::string(values.domain);
    case 'i':
      return address_text(values.ip);
    case 'p':
      return values.validated_name ? values.validated_name() : "unknown";
    case 'v':
      return values.ip.is_v4() ? "in-addr" : "ip6";
    default:
      return std::string(values.helo);
  }
}

std::string transform(const Macro& macro, std::string_view value) {
  std::vector<std::string_view> parts;
  for (std::size_t begin = 0;;) {
    const std::size_t end = value.find_first_of(macro.delimiters, begin);
    parts.push_back(value.substr(begin, end - begin));
    if (end == std::string_view::npos) break;
    begin = end + 1;
  }
  if (macro.reversed) std::ranges::reverse(parts);
  const auto keep = static_cast<std::size_t>(macro.keep);
  if (keep > 0 && parts.size() > keep)
    parts.erase(parts.begin(), parts.end() - static_cast<std::ptrdiff_t>(keep));
  std::string joined;
  for (const std::string_view part : parts) {
    if (part.data() != parts.front().data()) joined += '.';
    joined += part;
  }
  return joined;
}

std::string url_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
        std::string_view("-._~").contains(c)) {
      out += c;
    } else {
      out += '%';
      out += "0123456789ABCDEF"[byte >> 4];
      out += "0123456789ABCDEF"[byte & 15];
    }
  }
  return out;
}

}  // namespace

bool is_macro_string(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] <= ' ' || text[i] >= '\x7f') return false;
    if (text[i] != '%') continue;
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (next == '%' || next == '_' || next == '-') {
      ++i;
    } else if (next == '{') {
      const auto macro = read_macro(text.substr(i));
      if (!macro) return false;
      i += macro->length - 1;
    } else {
      return false;
    }
  }
  return true;
}

bool is_domain_spec(std::string_view text) {
  if (text.empty() || !is_macro_string(text)) return false;
  if (text.ends_with('}') && text.contains("%{")) return true;
  if (text.ends_with('.')) text.remove_suffix(1);
  const std::size_t dot = text.rfind('.');
  if (dot == std::string_view::npos) return false;
  const std::string_view label = text.substr(dot + 1);
  const auto is_ldh = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  };
  return !label.empty() && std::ranges::all_of(label, is_ldh) &&
         label.find_first_not_of("0123456789") != std::string_view::npos && label.front() != '-' &&
         label.back() != '-';
}

std::string expand_spf_macros(std::string_view text, const SpfMacroValues& values) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%' || i + 1 >= text.size()) {
      out += text[i];
    } else if (text[i + 1] == '{') {
      const auto macro = read_macro(text.substr(i));
      if (!macro) continue;
      const std::string value = transform(*macro, value_of(macro->letter, values));
      out += macro->url ? url_escape(value) : value;
      i += macro->length - 1;
    } else {
      out += text[i + 1] == '%' ? "%" : text[i + 1] == '_' ? " " : "%20";
      ++i;
    }
  }
  if (out.ends_with('.')) out.pop_back();
  while (out.size() > kMaxName) {
    const std::size_t dot = out.find('.');
    if (dot == std::string::npos) return out;
    out.erase(0, dot + 1);
  }
  return out;
}

}  // namespace hongyan::dns
