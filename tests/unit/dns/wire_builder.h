#pragma once

#include "dns/wire.h"

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace hongyan::dns {

// Writes DNS messages byte by byte, wrong ones included.
class WireBuilder {
 public:
  WireBuilder(std::string_view question, Type type, int answers, int authorities = 0,
              int rcode = 0) {
    u16(7).u16(0x8180 | rcode).u16(1).u16(answers).u16(authorities).u16(0);
    name(question).u16(static_cast<int>(type)).u16(1);
  }
  WireBuilder& u8(int v) {
    bytes.push_back(static_cast<std::uint8_t>(v));
    return *this;
  }
  WireBuilder& u16(int v) { return u8(v >> 8).u8(v); }
  WireBuilder& u32(std::uint32_t v) {
    return u16(static_cast<int>(v >> 16)).u16(static_cast<int>(v & 0xFFFF));
  }
  WireBuilder& raw(std::string_view data) {
    for (const char c : data) u8(c);
    return *this;
  }
  WireBuilder& name(std::string_view text) {
    while (!text.empty()) {
      const auto label = text.substr(0, text.find('.'));
      u8(static_cast<int>(label.size())).raw(label);
      text.remove_prefix(std::min(text.size(), label.size() + 1));
    }
    return u8(0);
  }
  WireBuilder& pointer(int to) { return u16(0xC000 | to); }
  // Behind the owner's name: type, class, TTL, length; RDATA follows.
  WireBuilder& head(Type type, std::uint32_t ttl, int length) {
    return u16(static_cast<int>(type)).u16(1).u32(ttl).u16(length);
  }
  WireBuilder& a(std::string_view owner, std::uint32_t ttl, std::initializer_list<int> address) {
    name(owner).head(Type::kA, ttl, static_cast<int>(address.size()));
    for (const int b : address) u8(b);
    return *this;
  }
  WireBuilder& mx(std::string_view owner, std::uint32_t ttl, int preference,
                  std::string_view host) {
    name(owner).head(Type::kMx, ttl, 2 + length_of(host));
    return u16(preference).name(host);
  }
  WireBuilder& cname(std::string_view owner, std::uint32_t ttl, std::string_view target) {
    return name(owner).head(Type::kCname, ttl, length_of(target)).name(target);
  }
  WireBuilder& soa(std::string_view owner, std::uint32_t ttl, std::uint32_t minimum) {
    return name(owner)
        .head(Type::kSoa, ttl, 22)
        .u8(0)
        .u8(0)
        .u32(1)
        .u32(2)
        .u32(3)
        .u32(4)
        .u32(minimum);
  }

  std::vector<std::uint8_t> bytes;

 private:
  static int length_of(std::string_view name) {
    return name.empty() ? 1 : static_cast<int>(name.size()) + 2;
  }
};

}  // namespace hongyan::dns
