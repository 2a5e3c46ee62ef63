#pragma once

#include "base/error.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hongyan::engine {

// Recipients per chunk: large enough that a chunk's overhead in Redis is about a byte each, small
// enough that a lease returns quickly and one call stays short.
inline constexpr std::size_t kChunkRecipients = 256;

struct ChunkRecipient {
  std::uint64_t row = 0;     // in the list as submitted, 1 first
  std::string_view address;  // as sent to the receiver; of refused rows what was there
  std::string_view refusal;  // why the row is invalid; empty: it is fine
  std::vector<std::pair<std::string_view, std::string_view>> vars;

  std::string_view domain() const { return address.substr(address.rfind('@') + 1); }
};

// Collects recipients and packs them: variable names once, values after them, all through zstd.
class ChunkBuilder {
 public:
  ChunkBuilder();
  ~ChunkBuilder();
  ChunkBuilder(ChunkBuilder&&) noexcept;
  ChunkBuilder& operator=(ChunkBuilder&&) noexcept;

  void add(const ChunkRecipient& recipient);
  std::size_t size() const;
  // The packed bytes; the builder is empty afterwards.
  std::string take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A chunk as it was stored. Views live as long as this.
class Chunk {
 public:
  // Errors: "bad-chunk" (damaged, or written by a newer version).
  static Result<Chunk> unpack(std::string_view packed);

  const std::vector<ChunkRecipient>& recipients() const { return recipients_; }

 private:
  std::unique_ptr<std::string> bytes_;
  std::vector<ChunkRecipient> recipients_;
};

}  // namespace hongyan::engine
