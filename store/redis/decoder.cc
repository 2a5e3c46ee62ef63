#include "store/redis/decoder.h"

#include <hiredis/read.h>

#include <algorithm>
#include <new>

namespace hongyan::redis {

// hiredis' callbacks. Elements are appended to the parent's vector; while a nested array is being
// filled no vector above it grows, so the pointers that the reader keeps stay good.
struct Decoder::Builder {
  static void* place(const redisReadTask* task, Reply value) {
    if (task->parent == nullptr) {
      auto* root = static_cast<Reply*>(task->privdata);
      *root = std::move(value);
      return root;
    }
    auto& siblings = std::get<Reply::Array>(static_cast<Reply*>(task->parent->obj)->value_);
    return &siblings.emplace_back(std::move(value));
  }
  static void* string(const redisReadTask* task, char* bytes, std::size_t size) {
    std::string text(bytes, size);
    switch (task->type) {
      case REDIS_REPLY_ERROR:
        return place(task, Reply::error(std::move(text)));
      case REDIS_REPLY_STATUS:
        return place(task, Reply::status(std::move(text)));
      default:
        return place(task, Reply::string(std::move(text)));
    }
  }
  static void* array(const redisReadTask* task, int count) {
    // The count is the peer's word: no more than a page is believed before the elements are here.
    constexpr int kBelieved = 64;
    Reply::Array elements;
    elements.reserve(static_cast<std::size_t>(std::clamp(count, 0, kBelieved)));
    return place(task, Reply::array(std::move(elements)));
  }
  static void* integer(const redisReadTask* task, long long value) {
    return place(task, Reply::integer(value));
  }
  static void* nil(const redisReadTask* task) { return place(task, Reply{}); }
  // Only ever called with the root, which is a member.
  static void free(void* root) { *static_cast<Reply*>(root) = Reply{}; }

  static redisReplyObjectFunctions* functions() {
    static redisReplyObjectFunctions table{&string, &array, &integer, &nil, &free};
    return &table;
  }
};

void Decoder::Free::operator()(redisReader* reader) const {
  redisReaderFree(reader);
}

Decoder::Decoder() : reader_(redisReaderCreateWithFunctions(Builder::functions())) {
  if (reader_ == nullptr) throw std::bad_alloc();
  reader_->privdata = &root_;
}

Decoder::~Decoder() = default;

void Decoder::feed(std::string_view bytes) {
  redisReaderFeed(reader_.get(), bytes.data(), bytes.size());
}

Result<std::optional<Reply>> Decoder::next() {
  void* done = nullptr;
  if (redisReaderGetReply(reader_.get(), &done) != 0)
    return fail(Scope::kProcess, "redis-protocol", reader_->errstr);
  if (done == nullptr) return std::nullopt;
  return std::optional<Reply>(std::exchange(root_, Reply{}));
}

}  // namespace hongyan::redis
