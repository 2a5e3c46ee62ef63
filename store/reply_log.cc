#include "store/reply_log.h"

#include <algorithm>

namespace hongyan::store {

std::string encode_reply(const ReplyEntry& entry, std::size_t most_text) {
  const std::size_t length = std::min({entry.text.size(), most_text, std::size_t{255}});
  std::string bytes;
  bytes.reserve(8 + length);
  const auto put = [&](std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xFF);
  };
  put(entry.index, 2);
  put(static_cast<std::uint64_t>(entry.at_seconds), 4);
  put(static_cast<std::uint64_t>(std::clamp(entry.attempts, 0, 255)), 1);
  put(length, 1);
  return bytes.append(entry.text, 0, length);
}

std::map<std::uint32_t, ReplyEntry> decode_replies(std::string_view log) {
  std::map<std::uint32_t, ReplyEntry> last;
  while (log.size() >= 8) {
    const auto get = [&](std::size_t at, std::size_t count) {
      std::uint64_t value = 0;
      for (std::size_t i = 0; i < count; ++i)
        value |= std::uint64_t{static_cast<unsigned char>(log[at + i])} << (8 * i);
      return value;
    };
    ReplyEntry entry;
    entry.index = static_cast<std::uint32_t>(get(0, 2));
    entry.at_seconds = static_cast<std::int64_t>(get(2, 4));
    entry.attempts = static_cast<int>(get(6, 1));
    const std::size_t length = get(7, 1);
    if (log.size() < 8 + length) break;
    entry.text = std::string(log.substr(8, length));
    log.remove_prefix(8 + length);
    last.insert_or_assign(entry.index, std::move(entry));
  }
  return last;
}

}  // namespace hongyan::store
