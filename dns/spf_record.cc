#include "dns/spf_record.h"

#include "base/text.h"
#include "dns/spf_macro.h"

#include <algorithm>

namespace hongyan::dns {
namespace {

constexpr std::string_view kVersion = "v=spf1";

struct Name {
  std::string_view word;
  SpfMechanism kind;
};
constexpr Name kMechanisms[] = {{"all", SpfMechanism::kAll}, {"include", SpfMechanism::kInclude},
                                {"a", SpfMechanism::kA},     {"mx", SpfMechanism::kMx},
                                {"ptr", SpfMechanism::kPtr}, {"ip4", SpfMechanism::kIp4},
                                {"ip6", SpfMechanism::kIp6}, {"exists", SpfMechanism::kExists}};

std::string quote(std::string_view term) {
  return "`" + escape_control(term) + "`";
}

// Without leading zeros, at most `most`.
std::optional<int> read_prefix(std::string_view digits, int most) {
  if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits.front() == '0'))
    return std::nullopt;
  int value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value <= most ? std::optional(value) : std::nullopt;
}

// Takes "/24", "//64" or "/24//64" off the end of `rest`; false: it is none.
bool take_prefixes(std::string_view& rest, SpfTerm& term) {
  // A slash in a macro's delimiters does not begin a prefix: look behind the last brace.
  const std::size_t brace = rest.rfind('}');
  const std::size_t slash = rest.find('/', brace == std::string_view::npos ? 0 : brace);
  if (slash == std::string_view::npos) return true;
  std::string_view text = rest.substr(slash);
  rest = rest.substr(0, slash);
  if (!text.starts_with("//")) {
    const std::size_t end = text.find("//");
    const auto bits =
        read_prefix(text.substr(1, end == std::string_view::npos ? end : end - 1), 32);
    if (!bits) return false;
    term.prefix4 = *bits;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end);
  }
  const auto bits = read_prefix(text.substr(2), 128);
  if (!bits) return false;
  term.prefix6 = *bits;
  return true;
}

bool read_network(std::string_view text, SpfTerm& term) {
  const bool v4 = term.kind == SpfMechanism::kIp4;
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    const auto bits = read_prefix(text.substr(slash + 1), v4 ? 32 : 128);
    if (!bits) return false;
    (v4 ? term.prefix4 : term.prefix6) = *bits;
    text = text.substr(0, slash);
  }
  const auto address = IpAddress::parse(text);
  if (!address || address->is_v4() != v4) return false;
  term.address = *address;
  return true;
}

std::expected<SpfTerm, std::string> parse_mechanism(std::string_view text) {
  SpfTerm term;
  term.text = std::string(text);
  std::string_view rest = text;
  if (std::string_view("+-~?").contains(rest.front())) {
    term.qualifier = rest.front();
    rest.remove_prefix(1);
  }
  const std::string word = ascii_lower(rest.substr(0, rest.find_first_of(":/")));
  rest.remove_prefix(word.size());
  const auto name = std::ranges::find(kMechanisms, word, &Name::word);
  if (name == std::end(kMechanisms))
    return std::unexpected(quote(text) + " is no mechanism of RFC 7208");
  term.kind = name->kind;
  const auto wrong = [&](std::string_view what) {
    return std::unexpected(quote(text) + ": " + std::string(what));
  };
  const bool has_value = rest.starts_with(':');
  if (has_value) rest.remove_prefix(1);
  switch (term.kind) {
    case SpfMechanism::kAll:
      if (has_value || !rest.empty()) return wrong("`all` takes nothing");
      return term;
    case SpfMechanism::kIp4:
    case SpfMechanism::kIp6:
      if (!has_value || !read_network(rest, term)) return wrong("is no address or network");
      return term;
    case SpfMechanism::kA:
    case SpfMechanism::kMx:
      if (!take_prefixes(rest, term)) return wrong("the prefix length is wrong");
      break;
    default:
      break;
  }
  const bool needed = term.kind == SpfMechanism::kInclude || term.kind == SpfMechanism::kExists;
  if (has_value ? !is_domain_spec(rest) : needed || !rest.empty())
    return wrong("a domain name is needed");
  term.domain = std::string(rest);
  return term;
}

bool is_modifier_name(std::string_view name) {
  if (name.empty() || !((name[0] >= 'a' && name[0] <= 'z') || (name[0] >= 'A' && name[0] <= 'Z')))
    return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

}  // namespace

bool is_spf(std::string_view text) {
  return ascii_iequals(text.substr(0, kVersion.size()), kVersion) &&
         (text.size() == kVersion.size() || text[kVersion.size()] == ' ');
}

std::expected<SpfRecord, std::string> parse_spf(std::string_view text) {
  if (!is_spf(text)) return std::unexpected("does not begin with v=spf1");
  SpfRecord record;
  for (const std::string_view term : split(text.substr(kVersion.size()), ' ')) {
    if (term.empty()) continue;
    const std::size_t equals = term.find('=');
    if (equals != std::string_view::npos && is_modifier_name(term.substr(0, equals))) {
      const std::string name = ascii_lower(term.substr(0, equals));
      const std::string_view value = term.substr(equals + 1);
      if (name == "redirect" || name == "exp") {
        auto& slot = name == "redirect" ? record.redirect : record.exp;
        if (slot) return std::unexpected(quote(term) + ": there are two of it");
        if (!is_domain_spec(value)) return std::unexpected(quote(term) + ": a domain is needed");
        slot = std::string(value);
      } else if (!is_macro_string(value)) {
        return std::unexpected(quote(term) + ": its value is malformed");
      }
      continue;
    }
    auto mechanism = parse_mechanism(term);
    if (!mechanism) return std::unexpected(mechanism.error());
    record.terms.push_back(*std::move(mechanism));
  }
  return record;
}

bool shares_prefix(const IpAddress& a, const IpAddress& b, int bits) {
  if (a.is_v4() != b.is_v4()) return false;
  const auto left = a.bytes(), right = b.bytes();
  for (std::size_t i = 0; i < left.size() && bits > 0; ++i, bits -= 8) {
    const unsigned mask = bits >= 8 ? 0xFFU : 0xFFU << (8 - bits) & 0xFFU;
    if (((left[i] ^ right[i]) & mask) != 0) return false;
  }
  return true;
}

}  // namespace hongyan::dns
