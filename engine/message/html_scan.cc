#include "engine/message/html_scan.h"

#include "base/text.h"
#include "base/utf8.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

namespace hongyan::message {
namespace {

constexpr std::pair<std::string_view, std::string_view> kEntities[] = {
    {"amp", "&"},   {"apos", "'"},   {"bull", "•"},   {"copy", "©"},  {"euro", "€"},
    {"gt", ">"},    {"hellip", "…"}, {"laquo", "«"},  {"ldquo", "“"}, {"lsquo", "‘"},
    {"lt", "<"},    {"mdash", "—"},  {"middot", "·"}, {"nbsp", " "},  {"ndash", "–"},
    {"pound", "£"}, {"quot", "\""},  {"raquo", "»"},  {"rdquo", "”"}, {"reg", "®"},
    {"rsquo", "’"}, {"times", "×"},  {"trade", "™"},  {"yen", "¥"},   {"zwnj", ""}};

}  // namespace

std::size_t HtmlScan::after(std::string_view close, std::size_t from, bool& closes) const {
  const std::size_t found = closes ? html_.find(close, from) : std::string_view::npos;
  closes = found != std::string_view::npos;
  return closes ? found + close.size() : html_.size();
}

std::size_t HtmlScan::after_tag(std::size_t at) {
  std::size_t end = after("%}", at, tags_close_);
  const std::string_view name = tag_name(html_.substr(at, end - at));
  if (name != "raw" && name != "comment") return end;
  const std::string closing = "end" + std::string(name);
  while ((at = html_.find("{%", end)) != std::string_view::npos) {
    end = after("%}", at, tags_close_);
    if (tag_name(html_.substr(at, end - at)) == closing) return end;
  }
  return html_.size();
}

std::size_t HtmlScan::after_element(std::size_t at, std::string& tags) {
  char quote = 0;
  for (++at; at < html_.size(); ++at) {
    const std::string_view rest = html_.substr(at);
    if (rest.starts_with("{{")) {
      at = after_output(at) - 1;
    } else if (rest.starts_with("{%")) {
      const std::size_t end = after_tag(at);
      tags += html_.substr(at, end - at);
      at = end - 1;
    } else if (quote != 0) {
      if (rest.front() == quote) quote = 0;
    } else if (rest.front() == '"' || rest.front() == '\'') {
      quote = rest.front();
    } else if (rest.front() == '>') {
      return at + 1;
    }
  }
  return html_.size();
}

bool HtmlScan::begins_element(std::string_view rest) {
  if (rest.size() < 2 || rest[0] != '<') return false;
  const char c = rest[1];
  return c == '/' || c == '!' || c == '?' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string_view HtmlScan::tag_name(std::string_view tag) {
  tag.remove_prefix(std::min<std::size_t>(tag.size(), 2));
  if (tag.starts_with('-')) tag.remove_prefix(1);
  tag.remove_prefix(std::min(tag.find_first_not_of(kHtmlBlank), tag.size()));
  return tag.substr(0, tag.find_first_of(" \t\r\n\f-%"));
}

std::string HtmlScan::element_name(std::string_view element) {
  element.remove_prefix(1);
  const bool closes = element.starts_with('/');
  if (closes) element.remove_prefix(1);
  return (closes ? "/" : "") +
         ascii_lower(element.substr(0, element.find_first_of(" \t\r\n\f/>{")));
}

std::string_view HtmlScan::attribute(std::string_view element, std::string_view name) {
  const std::string lower = ascii_lower(element);
  for (std::size_t at = 0; (at = lower.find(name, at)) != std::string::npos; at += name.size()) {
    std::size_t value = lower.find_first_not_of(kHtmlBlank, at + name.size());
    if (at == 0 || !kHtmlBlank.contains(lower[at - 1]) || value == std::string::npos ||
        lower[value] != '=')
      continue;
    value = lower.find_first_not_of(kHtmlBlank, value + 1);
    if (value == std::string::npos) return {};
    if (lower[value] == '"' || lower[value] == '\'') {
      const std::size_t end = lower.find(lower[value], value + 1);
      return end == std::string::npos ? std::string_view()
                                      : element.substr(value + 1, end - value - 1);
    }
    return element.substr(value, lower.find_first_of(" \t\r\n\f>", value) - value);
  }
  return {};
}

std::size_t read_entity(std::string_view text, std::string& out) {
  const std::size_t end = text.substr(0, 12).find(';');
  if (end == std::string_view::npos) return 0;
  std::string_view name = text.substr(1, end - 1);
  const auto known = std::ranges::find(kEntities, name, [](const auto& one) { return one.first; });
  if (known != std::end(kEntities)) {
    out = known->second;
    return end + 1;
  }
  if (!name.starts_with('#')) return 0;
  name.remove_prefix(1);
  const bool hex = name.starts_with('x') || name.starts_with('X');
  if (hex) name.remove_prefix(1);
  std::uint32_t code = 0;
  const auto [at, error] =
      std::from_chars(name.data(), name.data() + name.size(), code, hex ? 16 : 10);
  const bool good = error == std::errc() && at == name.data() + name.size() && code >= ' ' &&
                    code < 0x110000 && (code < 0xD800 || code > 0xDFFF);
  if (!good) return 0;
  out.clear();
  append_utf8(out, code == 0xA0 ? U' ' : char32_t{code});
  return end + 1;
}

std::string decode_entities(std::string_view text) {
  std::string out;
  std::string made;
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find('&'), text.size());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const std::size_t length = read_entity(text, made);
    out += length > 0 ? std::string_view(made) : text.substr(0, 1);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

}  // namespace hongyan::message
