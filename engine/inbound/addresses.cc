#include "engine/inbound/addresses.h"

#include "base/address.h"
#include "base/text.h"
#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace hongyan::inbound {
namespace {

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_high(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}
bool is_local(char c) {
  return is_alnum(c) || std::string_view(".!#$%&'*+/=?^_`{|}~-").contains(c);
}
bool is_domain(char c) {
  return is_alnum(c) || c == '-' || c == '.' || c == '_';
}

constexpr std::size_t npos = std::string_view::npos;

// Where the quoted string that ends before `end` begins; npos: there is none.
std::size_t quoted_begin(std::string_view text, std::size_t end) {
  if (end < 2 || text[end - 1] != '"') return npos;
  for (std::size_t at = end - 1; at-- > 0 && end - at <= kMaxLocalPart + 2;) {
    if (text[at] == '\n') return npos;
    if (text[at] == '"' && (at == 0 || text[at - 1] != '\\')) return at;
  }
  return npos;
}

std::string_view without_outer_dots(std::string_view text) {
  while (text.starts_with('.')) text.remove_prefix(1);
  while (text.ends_with('.') || text.ends_with('-')) text.remove_suffix(1);
  return text;
}

bool is_address(std::string_view local, std::string_view domain, bool dotted) {
  if (local.empty() || local.size() > 2 * kMaxLocalPart || domain.empty() ||
      domain.size() > kMaxDomain || domain.contains(".."))
    return false;
  return !dotted || domain.contains('.');
}

// The address around the @ at `at`; looks no further than an address reaches, so that a text full
// of
// @ costs no more than another.
bool hit_at(std::string_view whole_text, std::size_t whole_at, bool dotted, Hit& hit) {
  const std::size_t base = whole_at - std::min(whole_at, 2 * kMaxLocalPart + 2);
  const std::string_view text = whole_text.substr(base, 2 * kMaxLocalPart + 2 + kMaxDomain + 2);
  const std::size_t at = whole_at - base;
  // Within brackets everything up to them counts.
  const std::size_t open = text.rfind('<', at);
  const std::size_t close = text.find('>', at);
  if (open != npos && close != npos) {
    const std::string_view inside = text.substr(open + 1, close - open - 1);
    std::string_view local = inside.substr(0, at - open - 1);
    std::string_view domain = inside.substr(local.size() + 1);
    if (ascii_lower(local).starts_with("mailto:")) local.remove_prefix(7);
    if (ascii_lower(local).starts_with("rfc822;")) local.remove_prefix(7);
    const bool whole =
        std::ranges::all_of(domain, [](char c) { return is_domain(c) || is_high(c); }) &&
        (quoted_begin(text, at) == open + 1 ||
         std::ranges::all_of(local, [](char c) { return is_local(c) || is_high(c); }));
    if (whole && is_address(local, domain, dotted)) {
      hit = {base + open, base + close + 1,
             std::string(local) + "@" + std::string(without_outer_dots(domain))};
      return true;
    }
  }
  std::size_t begin = quoted_begin(text, at);
  if (begin == npos) {
    begin = at;
    while (begin > 0 && is_local(text[begin - 1])) --begin;
    // Quotes, and words glued on: 'a@b', addr=a@b, rfc822;a@b
    while (begin < at && std::string_view("'`=.*/#|{!?").contains(text[begin]) &&
           !text.substr(begin).starts_with("=?"))
      ++begin;
    const std::string_view local = text.substr(begin, at - begin);
    if (const std::size_t equals = local.rfind('=');
        equals != npos && !local.contains('+') && !local.contains("=?"))
      begin += equals + 1;
  }
  std::size_t end = at + 1;
  while (end < text.size() && is_domain(text[end])) ++end;
  const std::string_view domain = without_outer_dots(text.substr(at + 1, end - at - 1));
  const std::string_view local = text.substr(begin, at - begin);
  if (!is_address(local, domain, dotted)) return false;
  hit = {base + begin, base + at + 1 + domain.size(),
         std::string(local) + "@" + std::string(domain)};
  return true;
}

// A comma that is neither quoted nor in brackets ends an item of a list.
std::vector<std::string_view> split_list(std::string_view value) {
  std::vector<std::string_view> items;
  std::size_t begin = 0;
  bool quoted = false;
  int depth = 0;
  for (std::size_t i = 0; i <= value.size(); ++i) {
    const char c = i < value.size() ? value[i] : ',';
    if (c == '"') quoted = !quoted;
    if (c == '<') ++depth;
    if (c == '>') --depth;
    if (i < value.size() && ((c != ',' && c != ';') || quoted || depth > 0)) continue;
    items.push_back(value.substr(begin, i - begin));
    begin = i + 1;
  }
  return items;
}

// RFC 6533 3: \x{HEX}.
std::string without_escapes(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t close = text.find('}');
    std::uint32_t point = 0;
    if (text.starts_with("\\x{") && close != npos && close <= 9) {
      const auto [end, error] = std::from_chars(text.data() + 3, text.data() + close, point, 16);
      if (error == std::errc() && end == text.data() + close && point > ' ' && point < 0x110000 &&
          (point < 0xD800 || point > 0xDFFF)) {
        append_utf8(out, point);
        text.remove_prefix(close + 1);
        continue;
      }
    }
    out += text.front();
    text.remove_prefix(1);
  }
  return out;
}

}  // namespace

std::vector<Hit> find_addresses(std::string_view text) {
  std::vector<Hit> hits;
  std::size_t from = 0;
  for (std::size_t at = text.find('@'); at != npos; at = text.find('@', at + 1)) {
    Hit hit;
    if (at < from || !hit_at(text, at, true, hit) || hit.begin < from) continue;
    from = hit.end;
    if (hits.size() == kMostHits) break;
    hits.push_back(std::move(hit));
  }
  return hits;
}

std::vector<std::string> header_addresses(std::string_view value) {
  std::vector<std::string> found;
  for (const std::string_view item : split_list(value)) {
    const auto hits = find_addresses(item);
    if (hits.empty()) continue;
    const auto bracketed =
        std::ranges::find_if(hits, [&](const Hit& hit) { return item[hit.begin] == '<'; });
    found.push_back(bracketed == hits.end() ? hits.front().address : bracketed->address);
  }
  return found;
}

std::string typed_address(std::string_view value) {
  if (const std::size_t type = value.find(';'); type != npos && value.find('@') > type) {
    const bool escaped = ascii_lower(trim_blanks(value.substr(0, type))) == "utf-8";
    value = trim_blanks(value.substr(type + 1));
    if (escaped) {
      // Nothing but the address is there, and it may be of any script.
      const std::string plain = without_escapes(value);
      return plain.contains('@') ? plain : std::string();
    }
  }
  const std::size_t at = value.find('@');
  Hit hit;
  if (at == npos || !hit_at(value, at, false, hit)) return {};
  return hit.address;
}

std::string local_part(std::string_view address) {
  return ascii_lower(address.substr(0, address.rfind('@')));
}

bool is_machine(std::string_view address) {
  static constexpr std::array<std::string_view, 15> kNames = {
      "mailer-daemon", "postmaster", "post_master", "mailerdaemon", "mail-daemon",
      "maildaemon",    "abuse",      "support",     "helpdesk",     "help",
      "noreply",       "no-reply",   "hostmaster",  "mdaemon",      "daemon"};
  const std::string local = local_part(address);
  return std::ranges::find(kNames, local) != kNames.end() || local.starts_with("microsoftexchange");
}

}  // namespace hongyan::inbound
