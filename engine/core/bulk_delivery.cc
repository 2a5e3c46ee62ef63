#include "engine/core/bulk_delivery.h"

#include <openssl/sha.h>

namespace hongyan::engine {
namespace {

// Left of the @ in Message-ID: tells nothing, but is the same whenever this recipient is tried.
std::string message_token(std::string_view job, std::uint64_t chunk, std::uint32_t index) {
  std::string name(job);
  name += '/' + std::to_string(chunk) + '/' + std::to_string(index);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(name.data()), name.size(), digest);
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
  std::string token;
  for (int i = 0; i < 20; ++i) token += kAlphabet[digest[i] & 31];
  return token;
}

}  // namespace

Result<void> BulkDelivery::render(std::unique_ptr<message::Rendered> buffers) {
  const ChunkRecipient& to = recipient();
  address_[0] = std::string(to.address);
  rendered = std::move(buffers);
  const std::string token = message_token(job->plan->id, chunk->number, index);
  const WallTime date = from_unix_ms(date_ms());
  if (auto built = job->plan->message->render({to.address, to.vars, token, date}, *rendered);
      !built)
    return built;
  signature_.clear();
  pieces_.clear();
  const auto message = rendered->pieces();
  if (const dkim::Signer* signer = job->plan->signer.get()) {
    auto signature = signer->sign(signer->draft(message, date, job->body_hashes));
    if (!signature) return std::unexpected(signature.error());
    signature_ = std::move(*signature);
    pieces_.push_back(signature_);
  }
  pieces_.insert(pieces_.end(), message.begin(), message.end());
  return {};
}

}  // namespace hongyan::engine
