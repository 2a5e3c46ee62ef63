#include "base/text.h"
#include "cli/config_faults.h"
#include "cli/engines.h"
#include "cli/output.h"
#include "cli/session.h"
#include "engine/config/canonical.h"
#include "engine/config/redis_url.h"
#include "engine/core/routing.h"
#include "store/keys.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace hongyan::cli {
namespace {

using redis::Command;

struct Options {
  Common common;
  std::string file;
};

int publish(Options options, bool redis_given) {
  const Common& common = options.common;
  const auto config = config::load_config(options.file);
  Faults faults = config ? engine::routing_faults(*config) : config.error();
  if (!faults.empty()) return report_faults(faults, common.json);
  if (!redis_given) options.common.redis = config::redis_url(config->local.redis);
  auto session = Session::open(common);
  if (!session) return report_error(session.error(), common);
  auto before = (*session)->call(Command("HGET").arg(store::keys::kConfig).arg("fleet"));
  if (!before) return report_error(before.error(), common);
  std::vector<std::string> changed;
  const bool first = before->is_nil();
  if (!first) {
    if (const auto known = config::fleet_from_json(before->text()))
      changed = config::differing_keys(*known, config->fleet);
    else
      changed = {"everything (the published configuration cannot be read)"};
  }
  const std::string digest = config::fleet_digest(config->fleet);
  const auto now = (*session)->now_ms();
  if (!now) return report_error(now.error(), common);
  if (first || !changed.empty()) {
    auto done = (*session)->call(Command("HSET")
                                     .arg(store::keys::kConfig)
                                     .arg("digest")
                                     .arg(digest)
                                     .arg("fleet")
                                     .arg(config::fleet_canonical_json(config->fleet))
                                     .arg("at")
                                     .arg(*now));
    if (!done) return report_error(done.error(), common);
  }
  const auto engines = load_engines(**session);
  if (!engines) return report_error(engines.error(), common);
  const auto live = std::ranges::count_if(*engines, &Engine::live);
  if (common.json) {
    Json keys = Json::array();
    for (const std::string& key : changed) keys.push(Json::string(key));
    print_json(Json::object({{"ok", Json::boolean(true)},
                             {"digest", Json::string(digest)},
                             {"first", Json::boolean(first)},
                             {"changed", std::move(keys)},
                             {"live_engines", json_number(live)}}));
    return kDone;
  }
  if (!first && changed.empty()) {
    std::cout << "published already; nothing changed\n";
    return kDone;
  }
  for (const std::string& key : changed) std::cout << "changed  " << escape_control(key) << '\n';
  std::cout << "published fleet digest " << digest << '\n';
  if (live > 0 && !first)
    std::cout << "next: restart " << live << " live engine" << (live == 1 ? "" : "s")
              << " with this file; until then they take nothing new\n";
  return kDone;
}

}  // namespace

void add_config_publish(CLI::App& config, int& exit_code) {
  CLI::App* command =
      config.add_subcommand("publish", "Make the file's fleet part the one all engines must have");
  const auto options = std::make_shared<Options>();
  command->add_option("FILE", options->file, "the configuration file")->required();
  add_common(*command, options->common);
  command->footer(
      "Without --redis or HONGYAN_REDIS it goes to the file's own redis.url.\n"
      "Example:\n  hongyan config publish /etc/hongyan/hongyan.toml");
  command->callback([options, command, &exit_code] {
    exit_code = publish(*options, command->count("--redis") > 0 || std::getenv("HONGYAN_REDIS"));
  });
}

}  // namespace hongyan::cli
