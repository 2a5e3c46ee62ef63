#include "cli/check_campaign.h"

#include "base/json.h"
#include "cli/submit_list.h"
#include "engine/core/job_book.h"
#include "engine/core/job_message.h"
#include "engine/job/campaign.h"
#include "engine/message/evaluated.h"

#include <algorithm>
#include <fstream>
#include <iostream>

namespace hongyan::cli {
namespace {

constexpr std::size_t kSample = 1000;

std::string text_of(const Json& object, std::string_view name) {
  const Json* value = object.find(name);
  return value == nullptr ? std::string() : value->text();
}

job::IntakePolicy policy_of(const Json& document, const config::Fleet* fleet) {
  if (fleet != nullptr) return engine::intake_policy(*fleet);
  job::IntakePolicy policy;
  const Json* from = document.find("from");
  const auto parsed = from == nullptr ? Result<Address>(fail(Scope::kJob, "none"))
                                      : parse_address(text_of(*from, "address"));
  policy.tenants[text_of(document, "tenant")] = {parsed ? parsed->domain : std::string()};
  const std::string channel = text_of(document, "channel");
  policy.channels = {channel.empty() ? policy.default_channel : channel};
  return policy;
}

// What the rules for subject, text and links can look at although the document is refused.
job::Job texts_of(const Json& document) {
  job::Job job;
  job.subject = text_of(document, "subject");
  job.channel = text_of(document, "channel");
  if (document.find("text") != nullptr) job.text = text_of(document, "text");
  if (document.find("html") != nullptr) job.html = text_of(document, "html");
  if (const Json* from = document.find("from"))
    if (auto address = parse_address(text_of(*from, "address"))) job.from = *std::move(address);
  if (const Json* way = document.find("list_unsubscribe")) {
    const Json* one_click = way->find("one_click");
    job.list_unsubscribe = job::ListUnsubscribe{
        text_of(*way, "url"), text_of(*way, "mailto"),
        one_click == nullptr ? !text_of(*way, "url").empty() : one_click->is_true()};
  }
  return job;
}

check::Offer offer_of(const Json& document, const config::Fleet* fleet) {
  check::Offer offer;
  if (fleet == nullptr) return offer;
  const std::string named = text_of(document, "channel");
  const auto at = fleet->channels.find(named.empty() ? job::IntakePolicy{}.default_channel : named);
  if (at == fleet->channels.end()) return offer;
  offer.known = true;
  offer.one_click = !at->second.unsubscribe_url.empty();
  offer.mailto = at->second.unsubscribe_mail;
  if (offer.one_click) offer.variables.emplace_back("unsubscribe_url");
  return offer;
}

void add_faults(const Faults& faults, check::Findings& findings) {
  for (const Fault& fault : faults) findings.add("campaign-fault", fault.sentence());
}

// "the recipient has no variable `name`, ...": the name.
std::string quoted_in(const std::string& sentence) {
  const std::size_t begin = sentence.find('`') + 1;
  return sentence.substr(begin, sentence.find('`', begin) - begin);
}

// Every variant is rendered for each of the first recipients, whichever they will get. `samples`
// has a place for each.
class Sampler {
 public:
  Sampler(const CheckedCampaign& campaign, std::vector<check::Samples>& samples)
      : campaign_(campaign), jobs_(jobs_of(campaign.job)), samples_(samples) {}

  void add(const list::Row& row) {
    if (rows_ >= kSample || row.refused()) return;
    ++rows_;
    const std::string to = row.address->normalised();
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      ++samples_[i].rows;
      if (i >= campaign_.compiled.size()) continue;
      std::vector<std::pair<std::string, std::string>> ours;
      if (campaign_.identity != nullptr) {
        ours = campaign_.identity->variables(0, 0, to);
        campaign_.identity->add_tracking(*campaign_.compiled[i], 0, 0, ours);
      }
      std::vector<std::pair<std::string_view, std::string_view>> vars(row.vars.begin(),
                                                                      row.vars.end());
      vars.insert(vars.end(), ours.begin(), ours.end());
      add(i, {to, vars, "check", now_}, "row " + std::to_string(row.number));
    }
  }
  const std::vector<std::string>& refused() const { return refused_; }

 private:
  void add(std::size_t variant, const message::Recipient& recipient, const std::string& where) {
    check::Samples& samples = samples_[variant];
    if (const auto done = campaign_.compiled[variant]->render(recipient, rendered_); done) {
      samples.largest = std::max(samples.largest, rendered_.size());
      const job::Job& job = jobs_[variant];
      if (auto subject = message::evaluate_text(job.subject, recipient, {{}, job.unknown_is_empty}))
        samples.subjects.push_back(*std::move(subject));
    } else if (done.error().code == "unknown-variable") {
      const std::string name = quoted_in(done.error().detail);
      auto at = std::ranges::find(samples.missing, name, &check::Samples::Missing::variable);
      if (at == samples.missing.end()) at = samples.missing.insert(at, {name, 0});
      ++at->rows;
    } else if (refused_.size() < 5) {
      refused_.push_back(where + ": " + done.error().detail);
    }
  }

  const CheckedCampaign& campaign_;
  const std::vector<job::Job> jobs_;
  std::vector<check::Samples>& samples_;
  const WallTime now_ = SystemClock().wall();
  std::size_t rows_ = 0;
  message::Rendered rendered_;
  std::vector<std::string> refused_;
};

}  // namespace

std::vector<job::Job> jobs_of(const job::Job& job) {
  if (job.variants.empty()) return {job};
  std::vector<job::Job> jobs;
  for (const job::Variant& variant : job.variants) {
    job::Job& one = jobs.emplace_back(job);
    if (variant.subject) one.subject = *variant.subject;
    if (!variant.has_body()) continue;
    one.text = variant.text;
    one.html = variant.html;
  }
  return jobs;
}

std::string bare_subject(const job::Job& job) {
  return message::evaluate_text(job.subject, {"", {}, "check", SystemClock().wall()},
                                {.accepts_unknown = true})
      .value_or(job.subject);
}

std::optional<CheckedCampaign> load_checked(const std::string& path, const config::Fleet* fleet,
                                            check::Findings& findings) {
  auto campaign = job::load_campaign(path);
  if (!campaign) {
    add_faults(campaign.error(), findings);
    return std::nullopt;
  }
  Json& document = campaign->document;
  if (document.find("id") == nullptr) document.set("id", Json::string("check"));
  const std::string id = text_of(document, "id");
  if (document.find("recipients") == nullptr)
    document.set("recipients", Json::object({{"key", Json::string(job::recipients_key(id))}}));
  CheckedCampaign checked;
  checked.offer = offer_of(document, fleet);
  auto job = job::parse_job(campaign->json(), policy_of(document, fleet));
  if (!job) {
    add_faults(campaign->locate(job.error()), findings);
    checked.job = texts_of(document);
    return checked;
  }
  checked.job = *std::move(job);
  config::Channel channel;
  const bool tracked = checked.job.track_opens || checked.job.track_clicks;
  if (fleet != nullptr) channel = fleet->channels.at(checked.job.channel);
  // Where the pages are is not known then; that there are some is believed like the rest.
  if (fleet == nullptr && tracked) channel.unsubscribe_url = "https://check.example/";
  if (fleet != nullptr || tracked) {
    // Links and tags of the right length; they are in no message that is sent.
    checked.identity =
        std::make_shared<const engine::JobIdentity>(channel, checked.job.tenant, id, "check");
  }
  if (channel.envelope_sender.empty()) channel.envelope_sender = checked.job.from.normalised();
  auto messages = engine::compile_messages(checked.job, channel);
  if (messages)
    checked.compiled = std::move(messages->compiled);
  else
    add_faults(campaign->locate(messages.error()), findings);
  return checked;
}

void read_checked_list(const std::string& path, const list::ListOptions& options,
                       const CheckedCampaign& campaign, CheckedList& list,
                       check::Findings& findings) {
  list.given = true;
  list.samples.resize(jobs_of(campaign.job).size());
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) return findings.add("list-unreadable", path + ": cannot be opened for reading");
  }
  ListSource source(path == "-" ? std::cin : file, options);
  if (auto begun = source.begin(); !begun)
    return findings.add("list-unreadable", path + ": " + begun.error().detail);
  list.columns = source.variables();
  list.columns_known = source.is_csv();
  Sampler sampler(campaign, list.samples);
  const auto counts = source.read([&](const list::Row& row) -> Result<void> {
    list.view.add(row);
    if (!row.refused()) list.addresses.add(row.address->normalised());
    sampler.add(row);
    return {};
  });
  list.view.finish();
  if (!counts) return findings.add("list-unreadable", path + ": " + counts.error().detail);
  for (const std::string& refused : sampler.refused()) findings.add("message-refused", refused);
}

}  // namespace hongyan::cli
