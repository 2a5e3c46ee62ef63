#include "base/text.h"
#include "cli/command.h"
#include "cli/mailbox_show.h"
#include "cli/output.h"
#include "dns/blocking_lookup.h"

#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace hongyan::cli {
namespace {

using namespace mailbox;

struct Options {
  std::string name;
  std::string language;
  std::vector<std::string> dns;
  bool json = false;

  Language in() const {
    return language.empty() ? language_of_environment() : language_of(language);
  }
};

int fail_with(const Options& options, int code, const std::string& sentence) {
  if (options.json)
    print_json(Json::object({{"ok", Json::boolean(false)}, {"error", Json::string(sentence)}}));
  else
    std::cerr << "hongyan: " << escape_control(sentence) << '\n';
  return code;
}

int print_all(const Options& options, const Catalogue& catalogue,
              const std::vector<const Provider*>& providers) {
  if (options.json) {
    for (const Provider* one : providers) print_json(provider_json(catalogue, *one));
    return kDone;
  }
  RowWriter rows(std::cout, Format::kTable,
                 {{"id", "ID"},
                  {"name", "NAME"},
                  {"secret", "SECRET"},
                  {"daily", "A DAY", true},
                  {"domains", "DOMAINS"}});
  for (const Provider* one : providers) {
    const std::string first = one->domains.empty() ? "" : one->domains.front();
    const std::size_t more = one->domains.size();
    rows.row({one->id, one->name.in(options.in()),
              catalogue.setup_of(*one).secret.called.in(options.in()),
              one->limit ? with_commas(one->limit->messages) : "-",
              more > 1 ? first + " +" + std::to_string(more - 1) : first});
  }
  rows.end();
  return kDone;
}

// An address, or the domain of one: what it leads to, the DNS asked unless the catalogue knows.
int print_recognised(const Options& options, const Catalogue& catalogue, const Address& address) {
  MailRecords records;
  if (catalogue.by_domain(address.domain) == nullptr) {
    dns::Channel::Options asking;
    asking.servers = options.dns;
    auto lookup = dns::BlockingLookup::open(asking);
    if (!lookup) return fail_with(options, kUsage, "--dns: " + lookup.error().detail);
    std::vector<std::pair<std::string, dns::Type>> questions{{address.domain, dns::Type::kMx}};
    for (std::string& name : srv_names(address.domain))
      questions.emplace_back(std::move(name), dns::Type::kSrv);
    (*lookup)->ask_all(questions);
    records = ask_records(address.domain, **lookup);
  }
  const Recognised found = recognise(catalogue, address, records);
  if (options.json) {
    print_json(recognised_json(catalogue, address, found));
    return kDone;
  }
  if (found.provider != nullptr)
    print_provider(std::cout, catalogue, *found.provider, options.in());
  print_candidates(std::cout, found, options.in());
  return kDone;
}

int providers(const Options& options) {
  const auto catalogue = Catalogue::built_in();
  if (!catalogue) return fail_with(options, kFailed, catalogue.error().front().sentence());
  std::vector<const Provider*> named;
  if (options.name.empty()) {
    for (const Provider& one : catalogue->providers()) named.push_back(&one);
    return print_all(options, *catalogue, named);
  }
  if (!options.name.contains('@')) named = catalogue->called(options.name);
  if (named.empty() && options.name.find_first_of("@.") != std::string::npos) {
    const auto address =
        parse_address(options.name.contains('@') ? options.name : "postmaster@" + options.name);
    if (!address) return fail_with(options, kUsage, options.name + ": " + address.error().detail);
    return print_recognised(options, *catalogue, *address);
  }
  if (named.empty())
    return fail_with(options, kFailed,
                     "no provider is called '" + options.name +
                         "'; `hongyan mailbox providers` lists them, an address finds its own");
  if (named.size() > 1 || options.json) return print_all(options, *catalogue, named);
  print_provider(std::cout, *catalogue, *named.front(), options.in());
  return kDone;
}

}  // namespace

void add_mailbox_providers(CLI::App& mailbox, int& exit_code) {
  CLI::App* command = mailbox.add_subcommand(
      "providers", "Servers, the secret each provider wants and where it is made, advice");
  const auto options = std::make_shared<Options>();
  command->add_option("NAME", options->name,
                      "an id, a domain, a part of a name, or an address; without it: all");
  command->add_option("--lang", options->language, "en or zh; otherwise that of the environment")
      ->check(CLI::IsMember({"en", "zh"}));
  command->add_option("--dns", options->dns,
                      "name server, IP or IP:PORT, for domains nobody here knows; otherwise the "
                      "system's");
  command->add_flag("--json", options->json, "for programs");
  command->footer(
      "A company's own domain is recognised by its SRV records, then by who takes its mail; else\n"
      "the usual names are guessed.\n"
      "Example:\n  hongyan mailbox providers li@acme.example");
  command->callback([options, &exit_code] { exit_code = providers(*options); });
}

}  // namespace hongyan::cli
