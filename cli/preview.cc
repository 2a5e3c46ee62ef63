#include "base/json_scan.h"
#include "base/text.h"
#include "cli/judge_campaign.h"
#include "cli/output.h"
#include "cli/preview_message.h"
#include "cli/published.h"
#include "cli/submit_list.h"

#include <algorithm>
#include <fstream>
#include <iostream>

namespace hongyan::cli {
namespace {

struct Options {
  Common common;
  std::string campaign;
  std::string recipient;
  std::string recipients;
  std::string vars;
  std::string variant;
  std::string out;
  list::ListOptions list;
};

// The recipient's row: of the list, or made of --vars.
Result<list::Row> row_of(const Options& options, const std::string& address) {
  if (!options.recipients.empty()) {
    std::ifstream file(options.recipients, std::ios::binary);
    if (!file) return fail(Scope::kProcess, "list", options.recipients + ": cannot be read");
    ListSource source(file, options.list);
    if (auto begun = source.begin(); !begun) return std::unexpected(begun.error());
    std::optional<list::Row> found;
    auto read = source.read([&](const list::Row& row) -> Result<void> {
      if (!found && !row.refused() && row.address->normalised() == address) found = row;
      return {};
    });
    if (!read) return std::unexpected(read.error());
    if (found) return *std::move(found);
    return fail(Scope::kProcess, "list", options.recipients + ": has no good row of " + address);
  }
  std::string line = "{\"to\":";
  append_json_string(line, address);
  line += ",\"vars\":" + (options.vars.empty() ? "{}" : options.vars) + "}";
  list::LineReader reader;
  list::Row row;
  reader.read(line, row);
  if (row.refused()) return fail(Scope::kProcess, "vars", "--vars: " + row.address.error().detail);
  return row;
}

Result<std::size_t> variant_number(const Options& options, const job::Job& job) {
  const auto at = std::ranges::find(job.variants, options.variant, &job::Variant::name);
  if (options.variant.empty()) return std::size_t{0};
  if (at != job.variants.end()) return static_cast<std::size_t>(at - job.variants.begin());
  return fail(Scope::kProcess, "variant",
              "--variant: the campaign has no variant '" + options.variant + "'");
}

std::string shown(std::string_view text) {
  std::string out;
  for (const std::string_view line : split(text, '\n'))
    out += escape_control(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line) + "\n";
  return out;
}

int print(const Options& options, const PreviewMessage& made, const job::Job& job) {
  if (options.common.json) {
    print_json(Json::object({{"ok", Json::boolean(true)},
                             {"to", Json::string(made.to)},
                             {"subject", Json::string(made.subject)},
                             {"variant", Json::string(made.variant)},
                             {"bytes", json_number(static_cast<std::int64_t>(made.wire.size()))},
                             {"text", Json::string(made.text)}}));
    return kDone;
  }
  Facts facts;
  facts.add("from", job.from_name.empty() ? job.from.normalised()
                                          : job.from_name + " <" + job.from.normalised() + ">");
  facts.add("to", made.to);
  facts.add("subject", made.subject);
  facts.add("variant", made.variant);
  facts.add("size", bytes_text(static_cast<std::int64_t>(made.wire.size())));
  facts.add("written", options.out);
  facts.print(std::cout);
  if (!made.text.empty()) std::cout << '\n' << shown(made.text);
  return kDone;
}

int preview(Options options) {
  const Common& common = options.common;
  const auto address = parse_address(options.recipient);
  if (!address) return refuse(common, kUsage, "--recipient: " + address.error().detail);
  auto campaign = job::load_campaign(options.campaign);
  if (!campaign) return print_faults(common, kFailed, campaign.error());
  if (campaign->document.find("id") == nullptr)
    campaign->document.set("id", Json::string("preview"));
  const std::string id = campaign->document.find("id")->text();
  campaign->document.set("recipients",
                         Json::object({{"key", Json::string(job::recipients_key(id))}}));
  std::optional<config::Fleet> fleet;
  if (auto session = Session::open(common))
    if (auto published = published_fleet(**session)) fleet = *std::move(published);
  auto checked = judge_campaign(*campaign, fleet);
  if (!checked) return print_faults(common, kFailed, checked.error());
  const auto number = variant_number(options, checked->job);
  if (!number) return refuse(common, kUsage, number.error().detail);
  const auto row = row_of(options, address->normalised());
  if (!row) return refuse(common, kFailed, row.error().detail);
  const auto made = preview_message(*checked, *row, *number);
  if (!made)
    return refuse(common, kFailed,
                  address->normalised() + " would be refused: " + made.error().detail);
  if (!options.out.empty()) {
    std::ofstream file(options.out, std::ios::binary);
    file << made->wire << std::flush;
    if (!file) return refuse(common, kFailed, options.out + ": cannot be written");
  }
  return print(options, *made, checked->job);
}

}  // namespace

void add_preview(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("preview", "The message of a campaign as one recipient would get it");
  const auto options = std::make_shared<Options>();
  command->add_option("CAMPAIGN", options->campaign, "campaign file (TOML)")->required();
  command->add_option("--recipient", options->recipient, "whose message")->required();
  command->add_option("--recipients", options->recipients, "CSV or NDJSON file with the variables");
  command->add_option("--vars", options->vars, "the variables as a JSON object, without a list")
      ->excludes("--recipients");
  command->add_option("--to-column", options->list.to_column, "the column with the addresses");
  command->add_option("--variant", options->variant,
                      "which of several templates; default: the first");
  command->add_option("--out", options->out, "write the whole message (.eml)");
  add_common(*command, options->common);
  command->footer(
      "Nothing is sent. Without Redis, channel and tenant are not looked at.\n"
      "Example:\n  hongyan preview spring.toml --recipient li@example.cn --recipients list.csv "
      "--out li.eml");
  command->callback([options, &exit_code] { exit_code = preview(*options); });
}

}  // namespace hongyan::cli
