#include "cli/judge_campaign.h"

#include "base/text.h"
#include "cli/output.h"
#include "cli/session.h"
#include "engine/core/job_book.h"

#include <iostream>

namespace hongyan::cli {

std::expected<JudgedCampaign, Faults> judge_campaign(const job::Campaign& campaign,
                                                     const std::optional<config::Fleet>& fleet) {
  job::IntakePolicy policy;
  if (fleet) {
    policy = engine::intake_policy(*fleet);
  } else {
    const auto text = [&](std::string_view name) {
      const Json* value = campaign.document.find(name);
      return value == nullptr ? std::string() : value->text();
    };
    const Json* from = campaign.document.find("from");
    const Json* address = from == nullptr ? nullptr : from->find("address");
    const auto parsed = address == nullptr ? Result<Address>(fail(Scope::kJob, "none"))
                                           : parse_address(address->text());
    policy.tenants[text("tenant")] = {parsed ? parsed->domain : std::string()};
    policy.channels = {text("channel").empty() ? policy.default_channel : text("channel")};
  }
  auto job = job::parse_job(campaign.json(), policy);
  if (!job) return std::unexpected(campaign.locate(job.error()));
  JudgedCampaign checked{*std::move(job), {}};
  config::Channel& channel = checked.channel;
  if (fleet)
    channel = fleet->channels.at(checked.job.channel);
  else
    channel.envelope_sender = checked.job.from.normalised();
  if (!fleet && (checked.job.track_opens || checked.job.track_clicks))
    channel.unsubscribe_url = "https://preview.example/";  // the engine's is not known
  if (channel.message_id_domain.empty()) channel.message_id_domain = checked.job.from.domain;
  if (auto compiled = engine::compile_messages(checked.job, channel); !compiled)
    return std::unexpected(campaign.locate(compiled.error()));
  return checked;
}

int print_faults(const Common& common, int code, const Faults& faults) {
  if (common.json) {
    Json list = Json::array();
    for (const Fault& fault : faults) list.push(Json::string(fault.sentence()));
    print_json(Json::object({{"ok", Json::boolean(false)}, {"faults", std::move(list)}}));
  } else {
    for (const Fault& fault : faults) std::cerr << escape_control(fault.sentence()) << '\n';
    std::cerr << faults.size() << (faults.size() == 1 ? " fault" : " faults")
              << "; nothing was sent\n";
  }
  return code;
}

}  // namespace hongyan::cli
