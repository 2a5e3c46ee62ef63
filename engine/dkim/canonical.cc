#include "engine/dkim/canonical.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace hongyan::dkim {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

}  // namespace

Digest sha256(std::string_view text) {
  Digest digest;
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::bad_alloc();
  return digest;
}

void append_relaxed_field(std::string_view field, std::string& out) {
  const std::size_t colon = std::min(field.find(':'), field.size());
  std::string_view name = field.substr(0, colon);
  while (!name.empty() && is_blank(name.back())) name.remove_suffix(1);
  for (const char c : name) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  out += ':';
  bool blank = false;
  bool begun = false;
  for (const char c : field.substr(std::min(colon + 1, field.size()))) {
    if (c == '\r' || c == '\n') continue;
    if (is_blank(c)) {
      blank = true;
      continue;
    }
    if (blank && begun) out += ' ';
    out += c;
    begun = true;
    blank = false;
  }
  out += "\r\n";
}

void BodyHasher::FreeContext::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

BodyHasher::BodyHasher() : context_(EVP_MD_CTX_new()) {
  if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1)
    throw std::bad_alloc();
}

BodyHasher::~BodyHasher() = default;

void BodyHasher::put(std::string_view bytes) {
  if (filled_ + bytes.size() > buffer_.size()) {
    EVP_DigestUpdate(context_.get(), buffer_.data(), filled_);
    filled_ = 0;
  }
  if (bytes.size() > buffer_.size()) {
    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
    return;
  }
  std::memcpy(buffer_.data() + filled_, bytes.data(), bytes.size());
  filled_ += bytes.size();
}

void BodyHasher::begin_word() {
  empty_ = false;
  for (; line_ends_ > 0; --line_ends_) put("\r\n");
  if (blank_) put(" ");
  blank_ = false;
}

void BodyHasher::add(std::string_view piece) {
  std::size_t at = 0;
  while (at < piece.size()) {
    const char c = piece[at];
    if (after_cr_) {
      after_cr_ = false;
      if (c == '\n') {
        blank_ = false;
        ++line_ends_;
        ++at;
        continue;
      }
      begin_word();
      put("\r");
    }
    if (c == '\r') {
      after_cr_ = true;
      ++at;
    } else if (is_blank(c)) {
      blank_ = true;
      ++at;
    } else {
      begin_word();
      std::size_t end = at + 1;
      while (end < piece.size() && !is_blank(piece[end]) && piece[end] != '\r') ++end;
      put(piece.substr(at, end - at));
      at = end;
    }
  }
}

Digest BodyHasher::finish() {
  if (after_cr_) {
    begin_word();
    put("\r");
  }
  if (!empty_) put("\r\n");
  EVP_DigestUpdate(context_.get(), buffer_.data(), filled_);
  Digest digest;
  EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
  return digest;
}

}  // namespace hongyan::dkim
