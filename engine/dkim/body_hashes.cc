#include "engine/dkim/body_hashes.h"

namespace hongyan::dkim {
namespace {

bool is_same(std::string_view known, std::span<const std::string_view> pieces) {
  for (const std::string_view piece : pieces) {
    if (!known.starts_with(piece)) return false;
    known.remove_prefix(piece.size());
  }
  return true;
}

}  // namespace

const Digest& BodyHashes::hash(std::span<const std::string_view> body) {
  std::size_t size = 0;
  for (const std::string_view piece : body) size += piece.size();
  for (const Entry& entry : entries_)
    if (entry.used && entry.body.size() == size && is_same(entry.body, body)) {
      ever_found_ = true;
      return entry.digest;
    }

  BodyHasher hasher;
  for (const std::string_view piece : body) hasher.add(piece);
  last_ = hasher.finish();
  ++computed_;
  if (!ever_found_ && computed_ > kPatience) {
    entries_ = {};
    return last_;
  }
  Entry& entry = entries_[next_++ % entries_.size()];
  entry.body.clear();
  for (const std::string_view piece : body) entry.body += piece;
  entry.digest = last_;
  entry.used = true;
  return last_;
}

}  // namespace hongyan::dkim
