#include "base/address.h"

#include "base/text.h"

#include <idn2.h>

#include <array>
#include <cstdint>
#include <memory>

namespace hongyan {
namespace {

enum : std::uint8_t { kAtext = 1, kLetterDigit = 2, kHigh = 4 };

// RFC 5322 atext, letters and digits, and bytes of UTF-8 sequences.
constexpr std::array<std::uint8_t, 256> kClass = [] {
  std::array<std::uint8_t, 256> table{};
  for (const char c : std::string_view("!#$%&'*+-/=?^_`{|}~"))
    table[static_cast<unsigned char>(c)] = kAtext;
  for (int c = 0; c < 256; ++c) {
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
      table[c] = kAtext | kLetterDigit;
    if (c >= 0x80) table[c] = kHigh;
  }
  return table;
}();

std::uint8_t class_of(char c) {
  return kClass[static_cast<unsigned char>(c)];
}

std::unexpected<Error> refuse(std::string_view code, std::string detail) {
  return fail(Scope::kDelivery, code, std::move(detail));
}

constexpr std::string_view kWideBlanks[] = {"\xE3\x80\x80", "\xC2\xA0", "\xEF\xBB\xBF",
                                            "\xE2\x80\x8B"};

// ASCII blanks, and those that spreadsheets and web pages leave behind.
std::string_view trim_all_blanks(std::string_view text) {
  text = trim_blanks(text);
  for (bool again = !text.empty(); again;) {
    again = false;
    for (const std::string_view blank : kWideBlanks) {
      while (text.starts_with(blank)) text.remove_prefix(blank.size()), again = true;
      while (text.ends_with(blank)) text.remove_suffix(blank.size()), again = true;
    }
    if (again) text = trim_blanks(text);
  }
  return text;
}

// C1 controls (U+0080..U+009F) and the blanks outside ASCII have no place in a local part.
bool has_invisible(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] == '\xC2' && static_cast<unsigned char>(text[i + 1]) <= 0xA0) return true;
    for (const std::string_view blank : kWideBlanks)
      if (text.substr(i).starts_with(blank)) return true;
  }
  return false;
}

struct LocalPart {
  std::size_t length = 0;
  bool high = false;  // has bytes outside ASCII
};

Result<LocalPart> scan_quoted(std::string_view text) {
  LocalPart part{1, false};
  while (part.length < text.size() && text[part.length] != '"') {
    const bool escaped = text[part.length] == '\\';
    if (escaped && ++part.length == text.size()) break;
    const auto c = static_cast<unsigned char>(text[part.length]);
    if (c < 0x20 || c == 0x7F || (escaped && c >= 0x80))
      return refuse("bad-local-part", "a control character stands before the @");
    part.high |= c >= 0x80;
    ++part.length;
  }
  if (part.length >= text.size()) return refuse("bad-local-part", "a quote is not closed");
  ++part.length;
  return part;
}

Result<LocalPart> scan_dot_atom(std::string_view text) {
  LocalPart part;
  bool dot = true;
  for (; part.length < text.size() && text[part.length] != '@'; ++part.length) {
    const char c = text[part.length];
    const std::uint8_t kind = class_of(c);
    if (kind == 0) {
      if (c != '.')
        return refuse("bad-local-part", "'" + escape_control(std::string_view(&c, 1)) +
                                            "' may not stand before the @ without quotes");
      if (dot)
        return refuse("bad-local-part",
                      part.length == 0 ? "begins with a dot" : "two dots in a row before the @");
    }
    dot = kind == 0;
    part.high |= kind == kHigh;
  }
  if (part.length == 0)
    return refuse("bad-local-part", text.empty() ? "is empty" : "nothing stands before the @");
  if (dot) return refuse("bad-local-part", "a dot stands right before the @");
  return part;
}

struct FreeIdn {
  void operator()(char* text) const { idn2_free(text); }
};
using IdnText = std::unique_ptr<char, FreeIdn>;

// Slow path: other scripts, and A-labels that must decode. UTS 46 mapping folds case and width,
// as browsers and mail programs do before IDNA2008 judges the result.
Result<std::string> domain_by_idna(std::string_view text) {
  if (!is_valid_utf8(text)) return refuse("bad-domain", "the domain is not valid UTF-8");
  if (text.contains('\0')) return refuse("bad-domain", "a NUL stands in the domain");
  char* out = nullptr;
  const std::string terminated(text);
  const int code = idn2_to_ascii_8z(
      terminated.c_str(), &out, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL | IDN2_USE_STD3_ASCII_RULES);
  const IdnText owned(out);
  if (code != IDN2_OK)
    return refuse("bad-domain",
                  std::string("the domain is no IDNA2008 name: ") + idn2_strerror(code));
  return std::string(out);
}

// Letters, digits and hyphens, lower case, or an error. `idna` is set when libidn2 must judge
// first.
Result<std::string> domain_of_ascii(std::string_view text, bool& idna) {
  std::string domain(text);
  std::size_t label = 0;
  bool number = true;  // the label so far has digits only
  const auto end_label = [&](std::size_t end) -> const char* {
    if (end == label) return "the domain has an empty label (a dot too many)";
    if (end - label > 63) return "a label of the domain is longer than 63 octets";
    if (domain[label] == '-' || domain[end - 1] == '-')
      return "a label of the domain begins or ends with a hyphen";
    idna |= end - label > 3 && domain.compare(label, 4, "xn--") == 0;
    return nullptr;
  };
  for (std::size_t i = 0; i < domain.size(); ++i) {
    char& c = domain[i];
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    if (c == '.') {
      if (const char* why = end_label(i)) return refuse("bad-domain", why);
      label = i + 1;
      number = true;
    } else if (class_of(c) & kLetterDigit) {
      number &= c <= '9';
    } else if (c == '-') {
      number = false;
    } else {
      return refuse("bad-domain",
                    "'" + escape_control(std::string_view(&c, 1)) + "' may not stand in a domain");
    }
  }
  if (const char* why = end_label(domain.size())) return refuse("bad-domain", why);
  if (label == 0) return refuse("bad-domain", "the domain has no dot: a full name is needed");
  if (number) return refuse("bad-domain", "the domain is an IP address or ends with a number");
  return domain;
}

}  // namespace

Result<std::string> parse_domain(std::string_view text) {
  if (text.empty()) return refuse("bad-domain", "nothing stands after the @");
  if (text[0] == '[')
    return refuse("address-literal", "address literals are not accepted: a domain is needed");
  // No name of 255 octets needs more than this in any script; libidn2 must not chew on more.
  if (text.size() > 4 * kMaxDomain)
    return refuse("too-long", "the domain is longer than 255 octets");
  bool idna = false;
  for (const char c : text) idna |= class_of(c) == kHigh;
  std::string mapped;
  if (idna) {
    auto ascii = domain_by_idna(text);
    if (!ascii) return ascii;
    mapped = std::move(*ascii);
    text = mapped;
  }
  if (text.size() > kMaxDomain) return refuse("too-long", "the domain is longer than 255 octets");
  bool has_a_label = false;
  auto domain = domain_of_ascii(text, has_a_label);
  if (domain && has_a_label && !idna) return domain_by_idna(*domain);
  return domain;
}

Result<Address> parse_address(std::string_view text) {
  text = trim_all_blanks(text);
  const auto part = text.starts_with('"') ? scan_quoted(text) : scan_dot_atom(text);
  if (!part) return std::unexpected(part.error());
  if (part->length == text.size() || text[part->length] != '@')
    return refuse("no-at-sign", text.contains("\xEF\xBC\xA0")
                                    ? "has a full-width ＠ where an ASCII @ is needed"
                                    : "has no @");
  Address address;
  address.local = text.substr(0, part->length);
  address.needs_smtputf8 = part->high;
  if (part->high && !is_valid_utf8(address.local))
    return refuse("bad-local-part", "the part before the @ is not valid UTF-8");
  if (part->high && has_invisible(address.local))
    return refuse("bad-local-part", "an invisible character stands before the @");
  if (part->length > kMaxLocalPart)
    return refuse("too-long", "the part before the @ is longer than 64 octets");
  auto domain = parse_domain(text.substr(part->length + 1));
  if (!domain) return std::unexpected(std::move(domain.error()));
  address.domain = std::move(*domain);
  if (address.local.size() + 1 + address.domain.size() > kMaxAddress)
    return refuse("too-long", "is longer than 254 octets");
  return address;
}

std::string Address::display() const {
  if (domain.starts_with("xn--") || domain.contains(".xn--")) {
    char* out = nullptr;
    const int code = idn2_to_unicode_8z8z(domain.c_str(), &out, 0);
    const IdnText owned(out);
    if (code == IDN2_OK) return local + "@" + out;
  }
  return normalised();
}

}  // namespace hongyan
