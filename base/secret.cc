#include "base/secret.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <utility>

namespace hongyan {

Secret::Secret(std::size_t size) : size_(size) {
  if (size == 0) return;
  void* pages =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, /*fd=*/-1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  data_ = static_cast<char*>(pages);
  mapped_ = size;
  // Refusals are no errors: the limit of locked memory may be small, the kernel old.
  madvise(pages, mapped_, MADV_DONTDUMP);
  mlock(pages, mapped_);
}

Secret Secret::copy_of(std::string_view bytes) {
  Secret secret(bytes.size());
  std::ranges::copy(bytes, secret.data_);
  return secret;
}

Secret Secret::take(std::string& bytes) {
  Secret secret = copy_of(bytes);
  wipe(bytes);
  return secret;
}

Secret::~Secret() {
  if (data_ == nullptr) return;
  OPENSSL_cleanse(data_, mapped_);
  munmap(data_, mapped_);
}

Secret::Secret(Secret&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      mapped_(std::exchange(other.mapped_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  // What was here goes with `gone`.
  Secret gone(std::move(other));
  std::swap(data_, gone.data_);
  std::swap(size_, gone.size_);
  std::swap(mapped_, gone.mapped_);
  return *this;
}

std::span<unsigned char> Secret::bytes() {
  return {reinterpret_cast<unsigned char*>(data_), size_};
}

void Secret::cut(std::size_t size) {
  if (size >= size_) return;
  OPENSSL_cleanse(data_ + size, size_ - size);
  size_ = size;
}

bool operator==(const Secret& a, const Secret& b) {
  return a.size_ == b.size_ && (a.size_ == 0 || CRYPTO_memcmp(a.data_, b.data_, a.size_) == 0);
}

void wipe(std::string& text) {
  text.resize(text.capacity());
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

void forbid_core_dumps() {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

}  // namespace hongyan
