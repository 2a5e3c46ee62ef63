#include "base/duration.h"
#include "cli/classify_mail.h"
#include "cli/command.h"
#include "cli/output.h"
#include "dns/provider.h"
#include "engine/answer/classifier.h"
#include "engine/answer/reply_text.h"
#include "engine/config/config.h"
#include "engine/core/answer_rules.h"

#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace hongyan::cli {
namespace {

struct Options {
  std::string provider;
  std::string rules;
  std::vector<std::string> mails;
  bool json = false;
};

// The first word of the line that is a host of a known receiver: logs name who answered.
std::string_view provider_in(const dns::ProviderIndex& index, std::string_view line) {
  std::string host;
  for (std::size_t i = 0; i <= line.size(); ++i) {
    const char c = i < line.size() ? line[i] : ' ';
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-') {
      host += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      continue;
    }
    while (host.ends_with('.')) host.pop_back();
    if (host.contains('.'))
      if (const auto found = index.named(host); !found.empty()) return found;
    host.clear();
  }
  return {};
}

std::string reaction_text(const scheduler::LaneReaction& reaction) {
  using Kind = scheduler::LaneReaction::Kind;
  switch (reaction.kind) {
    case Kind::kNone:
      return "none";
    case Kind::kSlow:
      return "slow";
    case Kind::kPause:
      return "pause " + format_duration(reaction.pause);
    case Kind::kFewerConnections:
      return "fewer-connections";
    case Kind::kCloseConnection:
      return "close-connection";
    case Kind::kNextSource:
      return "next-source " + format_duration(reaction.pause);
  }
  return "none";
}

int classify(const Options& options) {
  const auto complain = [](const Faults& faults) {
    for (const Fault& fault : faults) std::cerr << fault.sentence() << '\n';
    return kBadConfig;
  };
  std::vector<dns::ProviderPattern> patterns;
  std::vector<std::string> names;
  for (auto& [name, provider] : config::built_in_providers()) {
    patterns.push_back({name, provider.mx});
    names.push_back(name);
  }
  const auto classifier = engine::load_classifier(options.rules, names);
  if (!classifier) return complain(classifier.error());
  const dns::ProviderIndex index(patterns);
  if (!options.mails.empty()) {
    const inbound::Reader reader(*classifier,
                                 [&index](std::string_view host) { return index.named(host); });
    return classify_mails(options.mails, reader, options.json);
  }

  std::string line;
  while (std::getline(std::cin, line)) {
    const answer::ReplyLine reply = answer::parse_reply_line(line);
    const std::string_view provider =
        options.provider.empty() ? provider_in(index, line) : options.provider;
    const answer::Meaning meaning =
        (*classifier)
            ->classify({provider, scheduler::Stage::kRcpt, reply.code, reply.enhanced, reply.text});
    const std::string outcome = meaning.bounced ? "bounced" : "deferred";
    const std::string advice = meaning.kind == nullptr ? "" : meaning.kind->advice;
    if (options.json) {
      print_json(Json::object({{"group", Json::string(std::string(group_name(meaning.group)))},
                               {"suppress", Json::boolean(meaning.suppress)},
                               {"outcome", Json::string(outcome)},
                               {"reaction", Json::string(reaction_text(meaning.reaction))},
                               {"provider", Json::string(std::string(provider))},
                               {"rule", Json::string(meaning.rule_name())},
                               {"advice", Json::string(advice)}}));
    } else {
      std::cout << group_name(meaning.group) << '\t' << outcome << '\t'
                << (meaning.suppress ? "suppress" : "-") << '\t' << reaction_text(meaning.reaction)
                << '\t' << meaning.rule_name() << '\t' << advice << '\n';
    }
  }
  return kDone;
}

}  // namespace

void add_classify(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "classify", "What replies mean: one per line from standard input, one line each; or mails");
  command->add_option("--provider", options->provider,
                      "who answered; otherwise a host named in the line tells");
  command
      ->add_option("--rules", options->rules,
                   "folder with rules of your own, as in configs/bounces")
      ->check(CLI::ExistingDirectory);
  command->add_option("--mail", options->mails,
                      "files with mails that came back; a line for each recipient they report");
  command->add_flag("--json", options->json, "one JSON object a line");
  command->footer(
      "Example:\n  hongyan classify --json < replies.txt\n"
      "  hongyan classify --json --mail returned/*.eml");
  command->callback([options, &exit_code] { exit_code = classify(*options); });
}

}  // namespace hongyan::cli
