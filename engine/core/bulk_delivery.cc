#include "engine/core/bulk_delivery.h"

namespace hongyan::engine {

Result<void> BulkDelivery::render(std::unique_ptr<message::Rendered> buffers) {
  const ChunkRecipient& to = recipient();
  address_[0] = std::string(to.address);
  rendered = std::move(buffers);
  const JobIdentity& identity = *job->plan->identity;
  const std::string token = identity.message_id(chunk->number, index);
  if (identity.has_return_paths()) return_path_ = identity.return_path(chunk->number, index);
  message::Recipient recipient{to.address, to.vars, token, from_unix_ms(date_ms())};
  if (!identity.has_variables()) return job->plan->message->render(recipient, *rendered);
  const auto ours = identity.variables(chunk->number, index, to.address);
  auto all = to.vars;
  all.insert(all.end(), ours.begin(), ours.end());
  recipient.variables = all;
  return job->plan->message->render(recipient, *rendered);
}

}  // namespace hongyan::engine
