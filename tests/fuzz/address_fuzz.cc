// Whatever parses is within the limits, survives a second parse, and cannot break a header line.
#include "base/address.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto address = hongyan::parse_address(text);
  if (!address) return 0;
  const std::string whole = address->normalised();
  if (whole.size() > hongyan::kMaxAddress || address->local.size() > hongyan::kMaxLocalPart)
    abort();
  for (const char c : whole)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) abort();
  const auto again = hongyan::parse_address(whole);
  if (!again || *again != *address) abort();
  (void)address->display();
  return 0;
}
