#include "engine/core/job_message.h"

#include "base/text.h"
#include "engine/core/job_identity.h"

#include <algorithm>
#include <utility>

namespace hongyan::engine {
namespace {

void unsubscribing(message::Spec& spec, const job::Job& job, const config::Channel& channel) {
  if (!job.list_unsubscribe) {
    if (!job.report_type.empty()) return;
    spec.list_unsubscribe = unsubscribe_header(channel);
    spec.one_click = !channel.unsubscribe_url.empty();
    return;
  }
  if (!job.list_unsubscribe->url.empty())
    spec.list_unsubscribe = "<" + job.list_unsubscribe->url + ">";
  if (!job.list_unsubscribe->mailto.empty()) {
    if (!spec.list_unsubscribe.empty()) spec.list_unsubscribe += ", ";
    spec.list_unsubscribe += "<mailto:" + job.list_unsubscribe->mailto + ">";
  }
  spec.one_click = job.list_unsubscribe->one_click;
}

bool has_header(const job::Job& job, std::string_view name) {
  return std::ranges::any_of(job.headers,
                             [&](const auto& one) { return ascii_iequals(one.first, name); });
}

void bulk_headers(message::Spec& spec, const job::Job& job) {
  // Gmail's feedback loop counts complaints by each of the first three; the last names the sender.
  if (!has_header(job, "Feedback-ID"))
    spec.headers.emplace_back("Feedback-ID",
                              job.id + ":" + job.tenant + ":" + job.channel + ":hongyan");
  if (!has_header(job, "List-Id"))  // RFC 2919
    spec.headers.emplace_back("List-Id", "<" + job.tenant + "." + job.from.domain + ">");
}

// Where in the document what a variant's message is made of stands.
std::string place_of(const std::string& where, const job::Variant& variant, std::size_t number) {
  const bool own = (where.starts_with("subject") && variant.subject) ||
                   ((where.starts_with("text") || where.starts_with("html")) && variant.has_body());
  return own ? "variants[" + std::to_string(number) + "]." + where : where;
}

}  // namespace

message::Spec message_spec(const job::Job& job, const config::Channel& channel,
                           const job::Variant* variant) {
  message::Spec spec;
  spec.from_address = job.from.normalised();
  spec.from_name = job.from_name;
  if (job.reply_to) spec.reply_to = job.reply_to->normalised();
  const bool own_body = variant != nullptr && variant->has_body();
  spec.subject = variant != nullptr && variant->subject ? *variant->subject : job.subject;
  spec.text = (own_body ? variant->text : job.text).value_or("");
  spec.html = (own_body ? variant->html : job.html).value_or("");
  spec.headers = job.headers;
  spec.report_type = job.report_type;
  if (job.report_type.empty()) bulk_headers(spec, job);
  for (const job::Attachment& one : job.attachments) {
    // Variants need not show the same images.
    if (variant != nullptr && !one.content_id.empty() &&
        !spec.html.contains("cid:" + one.content_id))
      continue;
    spec.attachments.push_back({one.name, one.content_type, one.data, one.content_id});
  }
  unsubscribing(spec, job, channel);
  spec.message_id_domain =
      channel.message_id_domain.empty()
          ? channel.envelope_sender.substr(channel.envelope_sender.rfind('@') + 1)
          : channel.message_id_domain;
  spec.job_id = job.id;
  spec.unknown_is_empty = job.unknown_is_empty;
  spec.track_opens = job.track_opens;
  spec.track_clicks = job.track_clicks;
  return spec;
}

std::expected<JobMessages, Faults> compile_messages(const job::Job& job,
                                                    const config::Channel& channel) {
  JobMessages messages;
  if ((job.track_opens || job.track_clicks) && channel.unsubscribe_url.empty())
    return std::unexpected(
        Faults{{"tracking", "needs pages that recipients can reach",
                "channel." + job.channel + ".unsubscribe_url names them; [public] serves them"}});
  if (job.variants.empty()) {
    auto compiled = message::compile(message_spec(job, channel));
    if (!compiled) return std::unexpected(std::move(compiled.error()));
    messages.compiled.push_back(*std::move(compiled));
    return messages;
  }
  Faults faults;
  for (std::size_t i = 0; i < job.variants.size(); ++i) {
    const job::Variant& variant = job.variants[i];
    messages.names.push_back(variant.name);
    auto compiled = message::compile(message_spec(job, channel, &variant));
    if (compiled) {
      messages.compiled.push_back(*std::move(compiled));
      continue;
    }
    for (Fault& fault : compiled.error()) {
      fault.where = place_of(fault.where, variant, i);
      const bool told = std::ranges::any_of(faults, [&](const Fault& one) {
        return one.where == fault.where && one.what == fault.what;
      });
      if (!told) faults.push_back(std::move(fault));
    }
  }
  if (!faults.empty()) return std::unexpected(std::move(faults));
  return messages;
}

}  // namespace hongyan::engine
