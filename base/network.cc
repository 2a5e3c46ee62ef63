#include "base/network.h"

#include "base/text.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace hongyan {
namespace {

struct Special {
  const char* network;
  std::string_view kind;
};

// IANA IPv4 and IPv6 Special-Purpose Address Registries, multicast added. First match wins.
constexpr Special kSpecials[] = {
    {"0.0.0.0/32", "unspecified"},   {"0.0.0.0/8", "reserved"},
    {"10.0.0.0/8", "private"},       {"100.64.0.0/10", "private"},  // carrier-grade NAT, RFC 6598
    {"127.0.0.0/8", "loopback"},     {"169.254.0.0/16", "link-local"},
    {"172.16.0.0/12", "private"},    {"192.0.0.0/24", "reserved"},
    {"192.0.2.0/24", "reserved"},  // documentation
    {"192.88.99.0/24", "reserved"},  {"192.168.0.0/16", "private"},
    {"198.18.0.0/15", "reserved"},    // benchmarking
    {"198.51.100.0/24", "reserved"},  // documentation
    {"203.0.113.0/24", "reserved"},   // documentation
    {"224.0.0.0/4", "multicast"},    {"240.0.0.0/4", "reserved"},
    {"::/128", "unspecified"},       {"::1/128", "loopback"},
    {"::/96", "reserved"},                                       // v4-compatible, RFC 4291 2.5.5.1
    {"64:ff9b:1::/48", "reserved"},                              // local-use translation, RFC 8215
    {"100::/64", "reserved"},        {"2001::/23", "reserved"},  // protocol assignments, Teredo
    {"2001:db8::/32", "reserved"},   {"3fff::/20", "reserved"},  // documentation, RFC 9637
    {"5f00::/16", "reserved"},       {"fc00::/7", "private"},
    {"fe80::/10", "link-local"},     {"fec0::/10", "private"},  // site-local
    {"ff00::/8", "multicast"},
};

struct SpecialNetwork {
  Network network;
  std::string_view kind;
};

const std::vector<SpecialNetwork>& special_networks() {
  static const std::vector<SpecialNetwork> parsed = [] {
    std::vector<SpecialNetwork> out;
    for (const Special& s : kSpecials) out.push_back({Network::parse(s.network).value(), s.kind});
    return out;
  }();
  return parsed;
}

bool same_prefix(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin()))
    return false;
  const int rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

std::optional<IpAddress> v4_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return IpAddress::v4({bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]});
}

}  // namespace

IpAddress IpAddress::v4(std::array<std::uint8_t, 4> bytes) {
  IpAddress out;
  std::ranges::copy(bytes, out.bytes_.begin());
  return out;
}

IpAddress IpAddress::v6(std::array<std::uint8_t, 16> bytes) {
  IpAddress out;
  out.v4_ = false;
  out.bytes_ = bytes;
  return out;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  std::array<std::uint8_t, 4> four{};
  if (inet_pton(AF_INET, terminated.c_str(), four.data()) == 1) return v4(four);
  std::array<std::uint8_t, 16> sixteen{};
  if (inet_pton(AF_INET6, terminated.c_str(), sixteen.data()) == 1) return v6(sixteen);
  return std::nullopt;
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN] = {};
  inet_ntop(v4_ ? AF_INET : AF_INET6, bytes_.data(), text, sizeof text);
  return text;
}

std::optional<IpAddress> IpAddress::embedded_v4() const {
  if (v4_) return std::nullopt;
  const auto has = [this](std::initializer_list<std::uint8_t> prefix) {
    return std::equal(prefix.begin(), prefix.end(), bytes_.begin());
  };
  if (has({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}) ||
      has({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}) ||
      has({0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0}))
    return v4_at(bytes_, 12);
  if (has({0x20, 0x02})) return v4_at(bytes_, 2);
  return std::nullopt;
}

IpAddress IpAddress::unmapped() const {
  if (v4_ || bytes_[10] != 0xff || bytes_[11] != 0xff) return *this;
  if (!std::all_of(bytes_.begin(), bytes_.begin() + 10, [](std::uint8_t b) { return b == 0; }))
    return *this;
  return *v4_at(bytes_, 12);
}

Network::Network(IpAddress base, int prefix) : base_(base), prefix_(prefix) {}

Result<Network> Network::parse(std::string_view text) {
  const auto bad = [&](const std::string& why) {
    return fail(
        Scope::kProcess, "bad-network",
        "`" + escape_control(text) + "` " + why + "; 192.0.2.0/24 or 2001:db8::/32 is needed");
  };
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return bad("has no IP address");
  const int width = address->is_v4() ? 32 : 128;
  int prefix = width;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (ec != std::errc{} || end != digits.data() + digits.size() || prefix < 0 || prefix > width)
      return bad("has a prefix length that is no number from 0 to " + std::to_string(width));
  }
  const auto bytes = address->bytes();
  for (int bit = prefix; bit < width; ++bit)
    if ((bytes[static_cast<std::size_t>(bit / 8)] >> (7 - bit % 8)) & 1)
      return bad("has bits set behind its prefix");
  return Network(*address, prefix);
}

bool Network::contains(const IpAddress& address) const {
  if (base_.is_v4() == address.is_v4()) return same_prefix(base_.bytes(), address.bytes(), prefix_);
  const IpAddress plain = address.unmapped();
  return base_.is_v4() && plain.is_v4() && same_prefix(base_.bytes(), plain.bytes(), prefix_);
}

std::string Network::to_string() const {
  return base_.to_string() + "/" + std::to_string(prefix_);
}

bool any_contains(std::span<const Network> networks, const IpAddress& address) {
  return std::ranges::any_of(networks, [&](const Network& n) { return n.contains(address); });
}

std::optional<std::string_view> special_kind(const IpAddress& address) {
  for (const auto& [network, kind] : special_networks())
    if (network.contains(address)) return kind;
  if (const auto inner = address.embedded_v4()) return special_kind(*inner);
  return std::nullopt;
}

std::optional<std::string_view> PeerFilter::refuses(const IpAddress& address) const {
  if (any_contains(allow, address)) return std::nullopt;
  if (const auto kind = special_kind(address)) return kind;
  const auto inner = address.embedded_v4();
  if (any_contains(own, address) || (inner && any_contains(own, *inner))) return "own network";
  return std::nullopt;
}

}  // namespace hongyan
