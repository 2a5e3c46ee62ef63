#include "cli/preview_message.h"

#include "base/clock.h"
#include "engine/core/job_identity.h"
#include "engine/core/job_message.h"
#include "engine/message/evaluated.h"
#include "engine/message/plain_text.h"

namespace hongyan::cli {

Result<PreviewMessage> preview_message(const JudgedCampaign& campaign, const list::Row& row,
                                       std::size_t variant) {
  const job::Job& job = campaign.job;
  const job::Variant* chosen = job.variants.empty() ? nullptr : &job.variants[variant];
  const message::Spec spec = engine::message_spec(job, campaign.channel, chosen);
  const auto compiled = message::compile(spec);
  if (!compiled) return fail(Scope::kJob, "template", compiled.error().front().sentence());

  PreviewMessage made;
  made.to = row.address->normalised();
  if (chosen != nullptr) made.variant = chosen->name;
  std::vector<std::pair<std::string_view, std::string_view>> variables(row.vars.begin(),
                                                                       row.vars.end());
  const engine::JobIdentity identity(campaign.channel, job.tenant, job.id, "preview");
  auto ours = identity.variables(0, 0, made.to);
  identity.add_tracking(**compiled, 0, 0, ours);
  variables.insert(variables.end(), ours.begin(), ours.end());
  const SystemClock clock;
  const message::Recipient recipient{made.to, variables, "preview", clock.wall()};
  message::Rendered rendered;
  if (auto done = (*compiled)->render(recipient, rendered); !done)
    return std::unexpected(done.error());
  for (const std::string_view piece : rendered.pieces()) made.wire += piece;

  const message::Evaluation options{spec.utc_offset, spec.unknown_is_empty};
  auto subject = message::evaluate_text(spec.subject, recipient, options);
  if (!subject) return std::unexpected(subject.error());
  made.subject = *std::move(subject);
  const std::string source =
      spec.text.empty() ? message::plain_text_template(spec.html) : spec.text;
  // What cannot be made of html is left out of the message too.
  if (auto text = message::evaluate_text(source, recipient, options)) made.text = *std::move(text);
  return made;
}

}  // namespace hongyan::cli
