#pragma once

#include <compare>
#include <cstdint>
#include <vector>

namespace hongyan {

// One TLSA record (RFC 6698 2.1): which certificate or key a server may show. Numbers as published.
struct TlsaRecord {
  std::uint8_t usage = 0;
  std::uint8_t selector = 0;
  std::uint8_t matching = 0;
  std::vector<std::uint8_t> data;
  friend auto operator<=>(const TlsaRecord&, const TlsaRecord&) = default;
};

}  // namespace hongyan
