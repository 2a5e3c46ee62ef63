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
  const JobIdentity& identity = *job->plan->identity;
  if (identity.has_return_paths()) return_path_ = identity.return_path(chunk->number, index);
  message::Recipient recipient{to.address, to.vars, token, from_unix_ms(date_ms())};
  const message::Compiled& compiled = job->plan->messages.of(chunk->number, index);
  if (!identity.has_variables()) return compiled.render(recipient, *rendered);
  const auto ours = identity.variables(chunk->number, index, to.address);
  auto all = to.vars;
  all.insert(all.end(), ours.begin(), ours.end());
  recipient.variables = all;
  return compiled.render(recipient, *rendered);
}

}  // namespace hongyan::engine
