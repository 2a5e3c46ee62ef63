#include "base/text.h"
#include "cli/command.h"
#include "cli/config_faults.h"
#include "engine/config/alignment.h"
#include "engine/config/canonical.h"
#include "engine/core/answer_rules.h"
#include "engine/core/dkim_keys.h"
#include "engine/core/routing.h"

#include <boost/json.hpp>

#include <iostream>
#include <memory>

namespace hongyan::cli {
namespace {

namespace json = boost::json;

struct Options {
  std::string file;
  bool effective = false;
  bool as_json = false;
};

json::array as_array(const Faults& faults) {
  json::array list;
  for (const Fault& fault : faults)
    list.push_back({{"where", fault.where}, {"what", fault.what}, {"hint", fault.hint}});
  return list;
}

}  // namespace

int report_faults(const Faults& faults, bool as_json) {
  if (as_json) {
    std::cout << json::serialize(json::object{{"ok", false}, {"faults", as_array(faults)}}) << '\n';
  } else {
    for (const Fault& fault : faults) std::cerr << escape_control(fault.sentence()) << '\n';
  }
  return kBadConfig;
}

namespace {

int check(const Options& options) {
  const auto config = config::load_config(options.file);
  if (!config) return report_faults(config.error(), options.as_json);
  Faults faults = engine::routing_faults(*config);
  if (const auto rules = engine::load_classifier(*config); !rules)
    faults.insert(faults.end(), rules.error().begin(), rules.error().end());
  if (const auto keys = engine::DkimKeys::load(*config); !keys)
    faults.insert(faults.end(), keys.error().begin(), keys.error().end());
  if (!faults.empty()) return report_faults(faults, options.as_json);
  const Faults warnings = config::alignment_warnings(config->fleet);
  const std::string digest = config::fleet_digest(config->fleet);
  if (options.as_json) {
    std::cout << json::serialize(json::object{
                     {"ok", true}, {"fleet_digest", digest}, {"warnings", as_array(warnings)}})
              << '\n';
  } else {
    for (const Fault& warning : warnings)
      std::cerr << "warning: " << escape_control(warning.sentence()) << '\n';
    std::cout << "ok: " << config->fleet.channels.size() << " channels, "
              << config->fleet.sources.size() << " sources (" << config->local.sources_here.size()
              << " here), " << config->fleet.tenants.size() << " tenants, "
              << config->fleet.providers.size() << " named providers\nfleet digest " << digest
              << '\n';
    if (config->fleet.channels.empty())
      std::cout << "no channel is configured: nothing can leave this machine\n";
  }
  return kDone;
}

int show(const Options& options) {
  const auto config = config::load_config(options.file);
  if (!config) return report_faults(config.error(), options.as_json);
  json::object object;
  for (const auto& [key, value] : config::list_settings(*config, options.effective)) {
    if (options.as_json) {
      object.emplace(key, json::parse(value));
    } else {
      std::cout << escape_control(key) << " = " << escape_control(value) << '\n';
    }
  }
  if (options.as_json) std::cout << json::serialize(object) << '\n';
  return kDone;
}

CLI::App* add_part(CLI::App& parent, const std::string& name, const std::string& what,
                   const std::shared_ptr<Options>& options, const std::string& example) {
  CLI::App* part = parent.add_subcommand(name, what);
  part->add_option("FILE", options->file, "the configuration file")->required();
  part->add_flag("--json", options->as_json, "for programs");
  part->footer("Example:\n  " + example);
  return part;
}

}  // namespace

void add_config(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("config", "Check, show and publish configuration files");
  command->require_subcommand(1);
  command->footer("Example:\n  hongyan config check /etc/hongyan/hongyan.toml");
  const auto options = std::make_shared<Options>();

  add_part(*command, "check", "Tell every fault with its line; exit 78 if there is one", options,
           "hongyan config check /etc/hongyan/hongyan.toml")
      ->callback([options, &exit_code] { exit_code = check(*options); });

  CLI::App* shown = add_part(*command, "show", "Print what the file sets; secrets are masked",
                             options, "hongyan config show hongyan.toml --effective");
  shown->add_flag("--effective", options->effective, "every value that holds, defaults included");
  shown->callback([options, &exit_code] { exit_code = show(*options); });

  add_config_publish(*command, exit_code);
}

}  // namespace hongyan::cli
