// A hostile or broken Redis: whatever it sends, in whatever pieces, the pipeline neither breaks nor
// answers a caller twice, and the pieces make no difference.
#include "store/redis/pipeline.h"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using hongyan::redis::Command;
using hongyan::redis::Pipeline;
using hongyan::redis::Reply;

void describe(const Reply& reply, std::string& out) {
  out += static_cast<char>('0' + static_cast<int>(reply.kind()));
  out += std::to_string(reply.integer());
  out += reply.text();
  for (const Reply& element : reply.array()) describe(element, out);
  out += ';';
}

std::string answers(std::string_view bytes, std::size_t piece) {
  constexpr int kCalls = 8;
  const hongyan::SteadyTime now{std::chrono::hours(1)};
  Pipeline pipeline;
  std::string out;
  int calls = 0;
  for (int i = 0; i < kCalls; ++i)
    pipeline.push(Command("X"), now, now, [&](hongyan::Result<Reply> reply) {
      ++calls;
      if (reply)
        describe(*reply, out);
      else
        out += reply.error().code;
    });
  while (!bytes.empty()) {
    const auto part = bytes.substr(0, piece);
    bytes.remove_prefix(part.size());
    if (!pipeline.feed(part, now)) break;
  }
  pipeline.fail_all({hongyan::Scope::kProcess, "redis-lost", ""});
  if (calls != kCalls) std::abort();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (answers(bytes, bytes.size() + 1) != answers(bytes, data[0] + 1u)) std::abort();
  return 0;
}
