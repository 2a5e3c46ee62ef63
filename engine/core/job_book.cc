#include "engine/core/job_book.h"

#include "store/keys.h"

namespace hongyan::engine {

job::IntakePolicy intake_policy(const config::Fleet& fleet) {
  job::IntakePolicy policy;
  for (const auto& [name, tenant] : fleet.tenants) policy.tenants[name] = tenant.from_domains;
  for (const auto& [name, channel] : fleet.channels) policy.channels.push_back(name);
  return policy;
}

async::Task<Result<std::shared_ptr<const JobPlan>>> JobBook::plan(std::string id) {
  if (const auto at = plans_.find(id); at != plans_.end()) co_return at->second;
  auto document =
      co_await store_.call(std::move(redis::Command("GET").arg(store::keys::of_job(id, "doc"))));
  if (!document) co_return std::unexpected(document.error());
  auto job = job::parse_job(document->text(), intake_policy(config_->fleet));
  if (!job) co_return fail(Scope::kJob, "bad-job", job.error().front().sentence());
  const config::Channel& channel = config_->fleet.channels.at(job->channel);
  for (job::Attachment& attachment : job->attachments) {
    if (attachment.key.empty()) continue;
    auto blob = co_await store_.call(std::move(redis::Command("GET").arg(attachment.key)));
    if (!blob) co_return std::unexpected(blob.error());
    if (blob->is_nil())
      co_return fail(Scope::kJob, "bad-job", "the attachment " + attachment.key + " is missing");
    attachment.data = std::string(blob->text());
  }
  auto messages = compile_messages(*job, channel);
  if (!messages) co_return fail(Scope::kJob, "bad-job", messages.error().front().sentence());

  auto plan = std::make_shared<JobPlan>();
  plan->id = id;
  plan->tenant = job->tenant;
  plan->channel = job->channel;
  plan->number = scheduler::JobNumber{next_job_++};
  const auto tenant =
      tenants_.emplace(job->tenant, static_cast<std::uint32_t>(tenants_.size() + 1));
  plan->tenant_number = scheduler::TenantNumber{tenant.first->second};
  plan->priority = job->priority;
  plan->envelope_sender = channel.envelope_sender;
  plan->identity =
      std::make_shared<const JobIdentity>(channel, job->tenant, job->id, identity_secret_);
  plan->messages = *std::move(messages);
  plan->signer = keys_->signer_for(job->channel, job->from.domain);
  plan->retry = {channel.retry, channel.retry_jitter, channel.retry_expiry};
  plan->window = job->window;
  plan->sources = channel.sources;
  plan->tls = channel.tls;
  plan->outcome_events = job->events;
  plan->lenient = job->report_type == "tlsrpt";  // RFC 8460 3
  plans_[id] = plan;
  co_return plan;
}

}  // namespace hongyan::engine
