#include "mailbox/guard/fingerprint.h"

#include "base/text.h"

#include <array>
#include <string>

namespace hongyan::mailbox {
namespace {

constexpr std::string_view kSignature = "-- ";

// FNV-1a with a finish that spreads it over all bits: stored fingerprints must mean the same on
// every machine and in every release.
std::uint64_t hash_of(std::string_view word) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char c : word) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
  hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
  return hash ^ (hash >> 33);
}

class Tally {
 public:
  void add_word(std::string_view word) {
    if (word.empty()) return;
    const std::uint64_t hash = hash_of(word);
    add(hash);
    if (before_ != 0) add(hash * 3 + before_);
    before_ = hash;
  }
  std::uint64_t result() const {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sums_.size(); ++i)
      if (sums_[i] > 0) bits |= std::uint64_t{1} << i;
    return bits;
  }

 private:
  void add(std::uint64_t hash) {
    for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += (hash >> i & 1) != 0 ? 1 : -1;
  }
  std::array<int, 64> sums_{};
  std::uint64_t before_ = 0;
};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// How long the UTF-8 character is that begins with this byte; other bytes stand alone.
std::size_t length_of(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
}

void add_line(std::string_view line, Tally& tally) {
  std::string word;
  const auto end_word = [&] {
    tally.add_word(word);
    word.clear();
  };
  while (!line.empty()) {
    if (line.starts_with("http://") || line.starts_with("https://")) {
      end_word();
      tally.add_word("http");
      line.remove_prefix(std::min(line.find_first_of(" \t<>\""), line.size()));
      continue;
    }
    const std::size_t length = std::min(length_of(line[0]), line.size());
    if (length >= 3) {  // Chinese, Japanese, Korean: written without blanks
      end_word();
      tally.add_word(line.substr(0, length));
    } else if (length == 2) {
      word += line.substr(0, length);
    } else if (is_letter(line[0])) {
      word += ascii_lower(line.substr(0, 1));
    } else {
      end_word();
    }
    line.remove_prefix(length);
  }
  end_word();
}

}  // namespace

std::uint64_t fingerprint(std::string_view subject, std::string_view text) {
  Tally tally;
  add_line(subject, tally);
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line == kSignature) break;
    if (!line.starts_with('>')) add_line(line, tally);
  }
  return tally.result();
}

}  // namespace hongyan::mailbox
