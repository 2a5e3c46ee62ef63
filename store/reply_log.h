#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::store {

// The last answer for each recipient of a chunk: a log that settling appends to, read by `report`.
// An entry is index (2 bytes), unix seconds (4), attempts (1), length (1), then the text, all
// little-endian: 8 bytes and as much of the reply as is worth keeping.
struct ReplyEntry {
  std::uint32_t index = 0;
  std::int64_t at_seconds = 0;
  int attempts = 0;
  std::string text;
};

// Accepted messages keep enough for the receiver's queue id, others enough to see why.
inline constexpr std::size_t kAcceptedReplyBytes = 40;
inline constexpr std::size_t kRefusedReplyBytes = 200;

std::string encode_reply(const ReplyEntry& entry, std::size_t most_text);
// The last entry of each index. A cut or foreign tail is ignored.
std::map<std::uint32_t, ReplyEntry> decode_replies(std::string_view log);
// All entries of one index, oldest first.
std::vector<ReplyEntry> replies_of(std::string_view log, std::uint32_t index);
// The log without what was answered for these indexes; times and attempts stay.
std::string erase_replies(std::string_view log, const std::set<std::uint32_t>& indexes);

}  // namespace hongyan::store
