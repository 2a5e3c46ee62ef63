#include "store/reply_log.h"

#include <algorithm>
#include <optional>

namespace hongyan::store {
namespace {

// The next entry, taken off the log; nothing at its end, or when the rest is cut.
std::optional<ReplyEntry> next_entry(std::string_view& log) {
  if (log.size() < 8) return std::nullopt;
  const auto get = [&](std::size_t at, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i)
      value |= std::uint64_t{static_cast<unsigned char>(log[at + i])} << (8 * i);
    return value;
  };
  const std::size_t length = get(7, 1);
  if (log.size() < 8 + length) return std::nullopt;
  ReplyEntry entry{static_cast<std::uint32_t>(get(0, 2)), static_cast<std::int64_t>(get(2, 4)),
                   static_cast<int>(get(6, 1)), std::string(log.substr(8, length))};
  log.remove_prefix(8 + length);
  return entry;
}

}  // namespace

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
  while (auto entry = next_entry(log)) last.insert_or_assign(entry->index, std::move(*entry));
  return last;
}

std::vector<ReplyEntry> replies_of(std::string_view log, std::uint32_t index) {
  std::vector<ReplyEntry> found;
  while (auto entry = next_entry(log))
    if (entry->index == index) found.push_back(std::move(*entry));
  return found;
}

std::string erase_replies(std::string_view log, const std::set<std::uint32_t>& indexes) {
  std::string kept;
  while (auto entry = next_entry(log)) {
    if (indexes.contains(entry->index)) entry->text.clear();
    kept += encode_reply(*entry, 255);
  }
  return kept;
}

}  // namespace hongyan::store
