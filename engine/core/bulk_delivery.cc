#include "engine/core/bulk_delivery.h"

namespace hongyan::engine {

Result<void> BulkDelivery::render(std::unique_ptr<message::Rendered> buffers,
                                  const std::string& lane) {
  address_[0] = std::string(recipient().address);
  rendered = std::move(buffers);
  const JobIdentity& identity = *job->plan->identity;
  if (identity.has_return_paths()) return_path_ = identity.return_path(chunk->number, index, lane);
  const WallTime date = from_unix_ms(date_ms());
  if (auto built = build(date); !built) return built;
  return sign(date);
}

Result<void> BulkDelivery::build(WallTime date) {
  const ChunkRecipient& to = recipient();
  const JobIdentity& identity = *job->plan->identity;
  const std::string token = identity.message_id(chunk->number, index);
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
