// The first byte says how the rest is cut: however it arrives, the same replies come out.
#include "engine/smtp/reply_parser.h"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using hongyan::smtp::Reply;
using hongyan::smtp::ReplyParser;

std::string read(std::string_view text, std::size_t cut) {
  ReplyParser parser;
  std::string seen;
  while (!text.empty()) {
    std::string_view piece = text.substr(0, cut);
    text.remove_prefix(piece.size());
    while (!piece.empty()) {
      const auto status = parser.parse(piece);
      if (status == ReplyParser::Status::kMalformed) return seen + "!";
      if (status == ReplyParser::Status::kNeedMore) continue;
      Reply reply;
      parser.copy_to(reply);
      if (reply.text.size() > 1024 || reply.code < 200 || reply.code > 599) std::abort();
      if (parser.lines().size() > ReplyParser::kMaxText) std::abort();
      seen += std::to_string(reply.code) + reply.enhanced + reply.text;
    }
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string text(data + 1, data + size);
  const std::string whole = read(text, text.size());
  const std::string cut = read(text, 1 + data[0] % 64);
  // A line too long is noticed sooner when it arrives whole.
  if (whole != cut && !whole.ends_with('!')) std::abort();
  return 0;
}
