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
  return job->plan->message->render({to.address, to.vars, token, from_unix_ms(date_ms())},
                                    *rendered);
}

}  // namespace hongyan::engine
