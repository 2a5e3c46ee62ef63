#pragma once

#include <bit>
#include <cstdint>
#include <string_view>

namespace hongyan::mailbox {

// What a letter says, in 64 bits (Charikar's SimHash over words and pairs of words): letters that
// differ in few words differ in few bits. Case, digits, links, punctuation, quoted lines and what
// stands below "-- " do not count; a Chinese character is a word.
std::uint64_t fingerprint(std::string_view subject, std::string_view text);

// Letters of one template with other names in it differ in 5 to 14 bits, different letters with the
// same signature in 19 and more, strangers in some 32 (guard_test.cc).
inline constexpr int kAlikeBits = 15;
inline bool are_alike(std::uint64_t a, std::uint64_t b) {
  return std::popcount(a ^ b) <= kAlikeBits;
}

}  // namespace hongyan::mailbox
