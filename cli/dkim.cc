#include "base/address.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/output.h"
#include "engine/config/checks.h"
#include "engine/dkim/key.h"

#include <iostream>
#include <memory>
#include <string>

namespace hongyan::cli {
namespace {

struct Options {
  std::string domain;
  std::string selector;
  std::string type = "rsa2048";
  std::string out;
  bool json = false;
};

int fail_with(const Options& options, int code, const std::string& sentence) {
  if (options.json)
    print_json(Json::object({{"ok", Json::boolean(false)}, {"error", Json::string(sentence)}}));
  else
    std::cerr << "hongyan: " << escape_control(sentence) << '\n';
  return code;
}

int keygen(const Options& options) {
  const auto domain = parse_domain(options.domain);
  if (!domain) return fail_with(options, kUsage, "--domain: " + domain.error().detail);
  const std::string selector = ascii_lower(options.selector);
  if (const std::string wrong = config::check_selector(selector); !wrong.empty())
    return fail_with(options, kUsage, "--selector " + wrong);
  const dkim::Algorithm algorithm =
      options.type == "ed25519" ? dkim::Algorithm::kEd25519Sha256 : dkim::Algorithm::kRsaSha256;
  const dkim::Key key = dkim::Key::generate(algorithm);
  if (const auto saved = dkim::save_key(key, options.out, SystemClock().wall()); !saved)
    return fail_with(options, kFailed, options.out + " " + saved.error().detail);
  const std::string name = dkim::record_name(selector, *domain);
  const std::string zone = dkim::zone_line(name, key.record());
  if (options.json)
    print_json(Json::object({{"ok", Json::boolean(true)},
                             {"name", Json::string(name)},
                             {"type", Json::string("TXT")},
                             {"value", Json::string(key.record())},
                             {"zone", Json::string(zone)},
                             {"key", Json::string(options.out)}}));
  else
    std::cout << zone << '\n';
  return kDone;
}

}  // namespace

void add_dkim(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("dkim", "Keys that sign messages");
  command->require_subcommand(1);
  command->footer(
      "Example:\n  hongyan dkim keygen --domain acme.example --selector r2026 --out r2026.pem");
  const auto options = std::make_shared<Options>();
  CLI::App* part = command->add_subcommand(
      "keygen", "Write a new private key (mode 0600) and print its DNS record as a line of a zone");
  part->add_option("--domain", options->domain, "who signs: d= of the signature")->required();
  part->add_option("--selector", options->selector, "names the key: s= of the signature")
      ->required();
  part->add_option("--type", options->type, "kind of key")
      ->check(CLI::IsMember({"rsa2048", "ed25519"}))
      ->capture_default_str();
  part->add_option("--out", options->out, "the new file; one that exists is never overwritten")
      ->required();
  part->add_flag("--json", options->json, "for programs");
  part->footer(
      "Example:\n  hongyan dkim keygen --domain acme.example --selector e2026 --type ed25519 "
      "--out e2026.pem");
  part->callback([options, &exit_code] { exit_code = keygen(*options); });
}

}  // namespace hongyan::cli
