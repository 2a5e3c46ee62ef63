#include "engine/identity/message_tag.h"

#include "base/text.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <charconv>

namespace hongyan::identity {
namespace {

constexpr std::size_t kRefCharacters = 12;
constexpr std::size_t kLaneCharacters = 6;
constexpr std::size_t kMacCharacters = 8;
constexpr std::string_view kPurpose = "message-tag";

// 5 bits of each byte.
std::string letters(std::string_view bytes, std::size_t count) {
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
  std::string text;
  for (const char byte : bytes.substr(0, count)) text += kAlphabet[byte & 31];
  return text;
}

std::string hash_letters(std::string_view text, std::size_t count) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return letters({reinterpret_cast<const char*>(digest), sizeof(digest)}, count);
}

template <class Number>
bool parse(std::string_view text, int base, Number& value) {
  const char* const end = text.data() + text.size();
  const auto [rest, bad] = std::from_chars(text.data(), end, value, base);
  return !text.empty() && bad == std::errc{} && rest == end;
}

template <class Number>
std::string base36(Number value) {
  char digits[16];
  return {digits, std::to_chars(digits, digits + sizeof(digits), value, 36).ptr};
}

}  // namespace

std::string job_ref(std::string_view job_id) {
  return hash_letters(job_id, kRefCharacters);
}

std::string lane_ref(std::string_view source, std::string_view provider) {
  std::string both(source);
  both.append(1, '\0').append(provider);
  return hash_letters(both, kLaneCharacters);
}

TagMaker::TagMaker(std::string_view secret) : mac_(secret, kPurpose) {}

std::string TagMaker::make(const MessageTag& tag) const {
  std::string text(1, static_cast<char>(tag.purpose));
  text += '-' + tag.ref.job + '-' + base36(tag.ref.chunk) + '-' + base36(tag.ref.index) + '-';
  if (!tag.lane.empty() && text.size() + tag.lane.size() + 1 + kMacCharacters <= kMaxTag)
    text += tag.lane + '-';
  text += letters(mac_(text), kMacCharacters);
  return text;
}

std::string make_tag(std::string_view secret, const MessageTag& tag) {
  return TagMaker(secret).make(tag);
}

std::optional<MessageTag> read_tag(std::string_view secret, std::string_view text) {
  const std::string folded = ascii_lower(text);
  const auto parts = split(folded, '-');
  if ((parts.size() != 5 && parts.size() != 6) || folded.size() > kMaxTag) return std::nullopt;
  MessageTag tag;
  if (parts[0] != "b" && parts[0] != "u" && parts[0] != "m") return std::nullopt;
  tag.purpose = static_cast<Purpose>(parts[0][0]);
  tag.ref.job = std::string(parts[1]);
  if (!parse(parts[2], 36, tag.ref.chunk) || !parse(parts[3], 36, tag.ref.index))
    return std::nullopt;
  if (parts.size() == 6) tag.lane = std::string(parts[4]);
  const std::string_view told = parts.back();
  const std::string mac = letters(
      keyed_hash(secret, kPurpose, folded.substr(0, folded.size() - told.size())), kMacCharacters);
  if (mac.size() != told.size() || CRYPTO_memcmp(mac.data(), told.data(), mac.size()) != 0)
    return std::nullopt;
  return tag;
}

}  // namespace hongyan::identity
