#include "sink/profile.h"

#include "base/text.h"

#include <algorithm>
#include <iterator>

namespace hongyan::sink {
namespace {

// FNV-1a, then the finaliser of splitmix64: stable over builds and machines, unlike std::hash.
double draw(std::uint64_t seed, std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325ULL ^ (seed * 0x9e3779b97f4a7c15ULL);
  for (const char c : text) {
    h ^= static_cast<unsigned char>(c);
    h *= 0x100000001b3ULL;
  }
  h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9ULL;
  h = (h ^ (h >> 27)) * 0x94d049bb133111ebULL;
  h ^= h >> 31;
  return static_cast<double>(h >> 11) * 0x1.0p-53;
}

std::optional<Script> pick(const std::vector<Share>& shares, double at) {
  for (const Share& share : shares) {
    if (at < share.part) return share.script;
    at -= share.part;
  }
  return std::nullopt;
}

bool covers(std::string_view rule, std::string_view domain) {
  if (!rule.starts_with("*.")) return rule == domain;
  return domain == rule.substr(2) || domain.ends_with(rule.substr(1));
}

constexpr Style kStyles[] = {
    {"plain", "421 4.7.0 too many connections from you",
     "421 4.7.0 too many messages in this session", "452 4.5.3 too many recipients",
     "450 4.7.1 you send too fast"},
    {"netease", "421 HL:ICC sink, connections above the limit of this address",
     "450 MI:DMC sink, messages of this session above the limit",
     "450 RP:DRC sink, recipients of this session above the limit",
     "451 MI:SFQ sink, the sender is above its quota of fifteen minutes"},
    {"tencent", "421 Mail service busy: connections limited",
     "450 Messages of one connection limited", "452 Recipients of one message limited",
     "550 Ip frequency limited - sink"},
    {"google",
     "421-4.7.0 Too many sessions from this address at once,\r\n421 4.7.0 sink retry later",
     "421 4.7.0 Session has carried its messages - sink", "452 4.5.3 Split the recipients - sink",
     "421 4.7.28 Unusual rate of mail from this address, rate limited - sink"},
    {"microsoft", "421 4.3.2 Concurrent session limit reached",
     "421 4.4.2 Message limit of the session", "452 4.5.3 Recipient limit",
     "451 4.7.500 Server busy, slow down (S77719)"},
    {"yahoo", "421 4.7.0 [TS02] Too many sessions from this address - sink",
     "421 Session has carried its messages - sink", "452 4.5.3 Too many recipients - sink",
     "421 4.7.0 [TS02] Messages from this address temporarily deferred - sink"},
};

}  // namespace

std::optional<Script> Profile::script_for(std::string_view recipient) const {
  if (auto own = script_of_address(recipient)) return own;
  if (!domains.empty()) {
    const auto at = recipient.rfind('@');
    const auto domain =
        at == std::string_view::npos ? std::string() : ascii_lower(recipient.substr(at + 1));
    for (const DomainRule& rule : domains)
      if (covers(rule.domain, domain)) return rule.script;
  }
  if (recipients.empty()) return std::nullopt;
  return pick(recipients, draw(seed, recipient));
}

std::optional<Script> Profile::script_for_connection(std::uint64_t number) const {
  if (connections.empty()) return std::nullopt;
  return pick(connections, draw(seed, "connection " + std::to_string(number)));
}

const Style& style_of(std::string_view name) {
  const auto at = std::ranges::find(kStyles, name, &Style::name);
  return at == std::end(kStyles) ? kStyles[0] : *at;
}

std::vector<std::string> style_names() {
  std::vector<std::string> names;
  for (const Style& style : kStyles) names.emplace_back(style.name);
  return names;
}

}  // namespace hongyan::sink
