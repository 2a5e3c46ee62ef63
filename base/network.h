#pragma once

#include "base/error.h"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan {

// An IPv4 or IPv6 address as a value. ::ffff:192.0.2.1 and 192.0.2.1 are different values; see
// unmapped().
class IpAddress {
 public:
  IpAddress() = default;  // 0.0.0.0
  static IpAddress v4(std::array<std::uint8_t, 4> bytes);
  static IpAddress v6(std::array<std::uint8_t, 16> bytes);
  // Dotted quad or RFC 4291 text, without brackets, port or zone.
  static std::optional<IpAddress> parse(std::string_view text);

  bool is_v4() const { return v4_; }
  // Network order; 4 or 16 bytes.
  std::span<const std::uint8_t> bytes() const { return {bytes_.data(), v4_ ? 4U : 16U}; }
  std::string to_string() const;
  // The IPv4 address that a v6 address stands for when packets to it may end there: v4-mapped,
  // v4-compatible, NAT64 (64:ff9b::/96) and 6to4 (2002::/16).
  std::optional<IpAddress> embedded_v4() const;
  IpAddress unmapped() const;  // ::ffff:a.b.c.d becomes a.b.c.d, everything else stays

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  bool v4_ = true;
  std::array<std::uint8_t, 16> bytes_{};
};

// A CIDR block. A bare address is a block of one.
class Network {
 public:
  // Errors: "bad-network" says what is wrong; bits set behind the prefix are refused.
  static Result<Network> parse(std::string_view text);
  Network(IpAddress base, int prefix);

  // A v4 block also contains the v4-mapped form of its addresses.
  bool contains(const IpAddress& address) const;
  std::string to_string() const;
  friend bool operator==(const Network&, const Network&) = default;

 private:
  IpAddress base_;
  int prefix_;
};

bool any_contains(std::span<const Network> networks, const IpAddress& address);

// Why an address is not one of the public internet ("loopback", "private", "link-local",
// "multicast", "unspecified", "reserved"), from the IANA special-purpose registries (RFC 6890);
// an IPv6 address that embeds an IPv4 one is judged by that one too. Null: it is public.
std::optional<std::string_view> special_kind(const IpAddress& address);
inline bool is_special(const IpAddress& address) {
  return special_kind(address).has_value();
}

// Which peers the engine may connect to on the word of somebody else's DNS. Without it a mail
// domain whose MX is 127.0.0.1 or 169.254.169.254 turns the engine into a tool against its host.
struct PeerFilter {
  std::vector<Network> allow;  // `allow_networks`: exceptions to all that follows
  std::vector<Network> own;    // networks of this installation, public ones included

  // Why not ("loopback", ..., "own network"); null: it may.
  std::optional<std::string_view> refuses(const IpAddress& address) const;
};

}  // namespace hongyan
