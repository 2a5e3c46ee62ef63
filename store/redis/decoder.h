#pragma once

#include "base/error.h"
#include "store/redis/reply.h"

#include <memory>
#include <optional>
#include <string_view>

struct redisReader;

namespace hongyan::redis {

// Bytes in, replies out: hiredis' reader, building Reply values in place.
//
// Errors: a byte that is no RESP2, or nesting deeper than 7, breaks it for good: code
// "redis-protocol"; the connection it read from must be dropped.
class Decoder {
 public:
  Decoder();
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // Fastest in pieces of some 16 KiB with all replies taken between them: the reader moves what is
  // left of its buffer after each KiB it consumed.
  void feed(std::string_view bytes);
  // The next complete reply; nothing when more bytes are needed.
  Result<std::optional<Reply>> next();

 private:
  struct Builder;
  struct Free {
    void operator()(redisReader* reader) const;
  };
  Reply root_;
  std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace hongyan::redis
