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
  address_[0] = std::string(recipient().address);
  rendered = std::move(buffers);
  const WallTime date = from_unix_ms(date_ms());
  if (auto built = build(date); !built) return built;
  return sign(date);
}

Result<void> BulkDelivery::build(WallTime date) {
  const ChunkRecipient& to = recipient();
  const std::string token = message_token(job->plan->id, chunk->number, index);
  const JobIdentity& identity = *job->plan->identity;
  if (identity.has_return_paths()) return_path_ = identity.return_path(chunk->number, index);
  message::Recipient recipient{to.address, to.vars, token, date};
  const message::Compiled& compiled = job->plan->messages.of(chunk->number, index);
  if (!identity.has_variables()) return compiled.render(recipient, *rendered);
  auto ours = identity.variables(chunk->number, index, to.address);
  identity.add_tracking(compiled, chunk->number, index, ours);
  auto all = to.vars;
  all.insert(all.end(), ours.begin(), ours.end());
  recipient.variables = all;
  return compiled.render(recipient, *rendered);
}

Result<void> BulkDelivery::sign(WallTime date) {
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
