#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace hongyan::dkim {

using Digest = std::array<unsigned char, 32>;  // SHA-256

Digest sha256(std::string_view text);

// Relaxed header canonicalization (RFC 6376 3.4.2) of one field, folded or not, with or without
// its line end: "name:value\r\n".
void append_relaxed_field(std::string_view field, std::string& out);

// Relaxed body canonicalization (RFC 6376 3.4.4), hashed as it comes; pieces may end anywhere, in
// the middle of a line end too. A CR or LF that is no line end is a byte like any other.
class BodyHasher {
 public:
  BodyHasher();
  ~BodyHasher();
  BodyHasher(const BodyHasher&) = delete;
  BodyHasher& operator=(const BodyHasher&) = delete;

  void add(std::string_view piece);
  Digest finish();

 private:
  void put(std::string_view bytes);
  void begin_word();  // what was held back stands before a byte that counts

  struct FreeContext {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, FreeContext> context_;
  std::array<char, 4096> buffer_;
  std::size_t filled_ = 0;
  std::size_t line_ends_ = 0;  // seen, not yet hashed: at the end of a body they do not count
  bool blank_ = false;         // likewise at the end of a line
  bool after_cr_ = false;
  bool empty_ = true;
};

}  // namespace hongyan::dkim
