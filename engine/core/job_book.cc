#include "engine/core/job_book.h"

#include "store/keys.h"

namespace hongyan::engine {

job::IntakePolicy intake_policy(const config::Fleet& fleet) {
  job::IntakePolicy policy;
  for (const auto& [name, tenant] : fleet.tenants) policy.tenants[name] = tenant.from_domains;
  for (const auto& [name, channel] : fleet.channels) policy.channels.push_back(name);
  return policy;
}

message::Spec message_spec(const job::Job& job, const config::Channel& channel) {
  message::Spec spec;
  spec.from_address = job.from.normalised();
  spec.from_name = job.from_name;
  if (job.reply_to) spec.reply_to = job.reply_to->normalised();
  spec.subject = job.subject;
  spec.text = job.text.value_or("");
  spec.html = job.html.value_or("");
  spec.headers = job.headers;
  for (const job::Attachment& one : job.attachments)
    spec.attachments.push_back({one.name, one.content_type, one.data, one.content_id});
  if (job.list_unsubscribe) {
    if (!job.list_unsubscribe->url.empty())
      spec.list_unsubscribe = "<" + job.list_unsubscribe->url + ">";
    if (!job.list_unsubscribe->mailto.empty()) {
      if (!spec.list_unsubscribe.empty()) spec.list_unsubscribe += ", ";
      spec.list_unsubscribe += "<mailto:" + job.list_unsubscribe->mailto + ">";
    }
    spec.one_click = job.list_unsubscribe->one_click;
  } else {
    spec.list_unsubscribe = unsubscribe_header(channel);
    spec.one_click = !channel.unsubscribe_url.empty();
  }
  spec.message_id_domain =
      channel.message_id_domain.empty()
          ? channel.envelope_sender.substr(channel.envelope_sender.rfind('@') + 1)
          : channel.message_id_domain;
  spec.job_id = job.id;
  spec.unknown_is_empty = job.unknown_is_empty;
  return spec;
}

async::Task<Result<std::shared_ptr<const JobPlan>>> JobBook::plan(std::string id) {
  if (const auto at = plans_.find(id); at != plans_.end()) co_return at->second;
  auto document =
      co_await store_.call(std::move(redis::Command("GET").arg(store::keys::of_job(id, "doc"))));
  if (!document) co_return std::unexpected(document.error());
  auto job = job::parse_job(document->text(), intake_policy(config_->fleet));
  if (!job) co_return fail(Scope::kJob, "bad-job", job.error().front().sentence());
  const config::Channel& channel = config_->fleet.channels.at(job->channel);
  auto spec = message_spec(*job, channel);
  for (std::size_t i = 0; i < job->attachments.size(); ++i) {
    if (job->attachments[i].key.empty()) continue;
    auto blob = co_await store_.call(std::move(redis::Command("GET").arg(job->attachments[i].key)));
    if (!blob) co_return std::unexpected(blob.error());
    if (blob->is_nil())
      co_return fail(Scope::kJob, "bad-job",
                     "the attachment " + job->attachments[i].key + " is missing");
    spec.attachments[i].bytes = std::string(blob->text());
  }
  auto compiled = message::compile(spec);
  if (!compiled) co_return fail(Scope::kJob, "bad-job", compiled.error().front().sentence());

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
  plan->message = *compiled;
  plan->retry = {channel.retry, channel.retry_jitter, channel.retry_expiry};
  plan->window = job->window;
  plan->sources = channel.sources;
  plan->tls = channel.tls;
  plan->outcome_events = job->events;
  plans_[id] = plan;
  co_return plan;
}

}  // namespace hongyan::engine
