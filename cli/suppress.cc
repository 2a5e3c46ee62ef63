#include "base/address.h"
#include "base/text.h"
#include "cli/control_wait.h"
#include "cli/output.h"
#include "cli/published.h"
#include "cli/session.h"
#include "cli/submit_list.h"
#include "store/suppression.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <sstream>

namespace hongyan::cli {
namespace {

using store::Suppression;

constexpr std::size_t kAtATime = 1000;
constexpr std::array<std::string_view, 5> kReasons{"operator", "bounce", "complaint", "unsubscribe",
                                                   "forgotten"};

struct Options {
  Common common;
  std::string tenant;
  std::vector<std::string> names;
  std::string reason = "operator";
  std::string file;
  std::string pattern;
  std::size_t most = 100;
};

// A session, and a tenant that exists: an entry under a misspelt name would suppress nobody.
Result<std::unique_ptr<Session>> open(const Options& options) {
  auto session = Session::open(options.common);
  if (!session || options.tenant.empty()) return session;
  auto fleet = published_fleet(**session);
  if (!fleet) return std::unexpected(fleet.error());
  if (!fleet->has_value() || (*fleet)->tenants.contains(options.tenant)) return session;
  std::vector<std::string> known;
  for (const auto& [name, tenant] : (*fleet)->tenants) known.push_back(name);
  std::string sentence = "there is no tenant '" + options.tenant + "'";
  if (const auto meant = nearest(options.tenant, known))
    sentence += "; did you mean '" + *meant + "'?";
  return fail(Scope::kJob, "unknown-tenant", sentence);
}

// How the store knows an address or "@domain"; an entry of a forgotten address stays as it is.
Result<std::string> name_of(std::string_view text) {
  const std::string_view trimmed = trim_blanks(text);
  if (trimmed.starts_with('#') && trimmed.size() == 33) return std::string(trimmed);
  if (trimmed.starts_with('@')) {
    auto domain = parse_domain(trimmed.substr(1));
    if (!domain) return std::unexpected(domain.error());
    return store::suppressed_domain(*domain);
  }
  auto address = parse_address(trimmed);
  if (!address) return std::unexpected(address.error());
  return store::suppressed_address(address->normalised());
}

// Every name, or a line for each that is none.
std::optional<std::vector<std::string>> names_of(const Options& options) {
  std::vector<std::string> names;
  bool fine = true;
  for (const std::string& text : options.names) {
    auto name = name_of(text);
    if (name) {
      names.push_back(std::move(*name));
    } else {
      fine = false;
      std::cerr << escape_control(text) << ": " << name.error().detail
                << " (an address, or @example.com for a domain)\n";
    }
  }
  if (!fine) return std::nullopt;
  return names;
}

std::string scope_of(const Options& options) {
  return options.tenant.empty() ? "everybody" : options.tenant;
}

int tell(const Options& options, std::int64_t changed, std::size_t given, std::string_view verb,
         std::string_view otherwise) {
  if (options.common.json) {
    print_json(
        Json::object({{"ok", Json::boolean(true)},
                      {std::string(verb), json_number(changed)},
                      {"unchanged", json_number(static_cast<std::int64_t>(given) - changed)}}));
    return kDone;
  }
  std::cout << verb << ' ' << with_commas(changed) << " for " << scope_of(options);
  if (const auto rest = static_cast<std::int64_t>(given) - changed; rest > 0)
    std::cout << "; " << with_commas(rest) << ' ' << otherwise;
  std::cout << '\n';
  return kDone;
}

int add(const Options& options) {
  auto names = names_of(options);
  if (!names) return kUsage;
  auto session = open(options);
  if (!session) return report_error(session.error(), options.common);
  const auto now = (*session)->now_ms();
  if (!now) return report_error(now.error(), options.common);
  std::vector<Suppression> entries;
  for (std::string& name : *names)
    entries.push_back({std::move(name), options.reason, "by " + actor(), *now});
  store::SuppressionStore store((*session)->jobs());
  const std::size_t given = entries.size();
  const auto added = (*session)->run(store.add(options.tenant, std::move(entries)));
  if (!added) return report_error(added.error(), options.common);
  return tell(options, *added, given, "suppressed", "suppressed before");
}

int remove(const Options& options) {
  auto names = names_of(options);
  if (!names) return kUsage;
  auto session = open(options);
  if (!session) return report_error(session.error(), options.common);
  store::SuppressionStore store((*session)->jobs());
  const std::size_t given = names->size();
  const auto removed = (*session)->run(store.remove(options.tenant, std::move(*names)));
  if (!removed) return report_error(removed.error(), options.common);
  return tell(options, *removed, given, "removed", "not there");
}

int print(const Options& options, Format format, std::size_t most) {
  auto session = open(options);
  if (!session) return report_error(session.error(), options.common);
  store::SuppressionStore store((*session)->jobs());
  RowWriter rows(
      std::cout, format,
      {{"address", "ADDRESS"}, {"reason", "REASON"}, {"source", "SOURCE"}, {"at", "AT"}});
  std::string cursor = "0";
  do {
    auto page = (*session)->run(store.scan(options.tenant, cursor, options.pattern));
    if (!page) return report_error(page.error(), options.common);
    cursor = page->cursor;
    for (const Suppression& entry : page->entries) {
      if (rows.rows() >= most || !rows.good()) break;
      rows.row({entry.name, entry.reason, entry.source, at_cell(entry.at_ms, format)});
    }
  } while (cursor != "0" && rows.rows() < most && rows.good());
  rows.end("nobody is suppressed for " + scope_of(options));
  const auto count = (*session)->run(store.count(options.tenant));
  if (format == Format::kTable && count && options.pattern.empty() &&
      static_cast<std::size_t>(*count) > rows.rows())
    std::cout << "... of " << with_commas(*count) << "; -n N shows more, export all\n";
  return kDone;
}

// Entries of a file: a list with a header row (ours have reason and source), or one name a line.
class Import {
 public:
  Import(const Options& options, Session& session, std::int64_t now)
      : options_(options), session_(session), store_(session.jobs()), now_(now) {}

  Result<void> read(std::istream& in) {
    std::stringstream text;
    text << in.rdbuf();
    std::string first;
    std::getline(text, first);
    text.seekg(0);
    return name_of(first) ? read_lines(text) : read_list(text);
  }
  Result<void> finish() { return flush(); }

  std::int64_t added = 0;
  std::size_t given = 0;
  std::vector<std::string> refused;

 private:
  Result<void> read_lines(std::istream& in) {
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
      ++number;
      if (trim_blanks(line).empty()) continue;
      if (auto done = take(number, line, {}); !done) return done;
    }
    return {};
  }

  Result<void> read_list(std::istream& in) {
    ListSource source(in, {});
    if (auto begun = source.begin(); !begun) return begun;
    auto counts = source.read([&](const list::Row& row) -> Result<void> {
      return take(row.number, row.refused() ? row.to : row.address->normalised(), row.vars);
    });
    if (!counts) return std::unexpected(counts.error());
    return {};
  }

  Result<void> take(std::size_t number, std::string_view text,
                    const std::vector<std::pair<std::string, std::string>>& columns) {
    auto name = name_of(text);
    if (!name) {
      refused.push_back("row " + std::to_string(number) + ": " + escape_control(text) + ": " +
                        name.error().detail);
      return {};
    }
    Suppression entry{std::move(*name), options_.reason, "by " + actor(), now_};
    for (const auto& [column, value] : columns) {
      if (column == "reason" && std::ranges::find(kReasons, value) != kReasons.end())
        entry.reason = value;
      if (column == "source" && !value.empty()) entry.source = value;
    }
    ++given;
    entries_.push_back(std::move(entry));
    return entries_.size() < kAtATime ? Result<void>{} : flush();
  }

  Result<void> flush() {
    auto done = session_.run(store_.add(options_.tenant, std::exchange(entries_, {})));
    if (!done) return std::unexpected(done.error());
    added += *done;
    return {};
  }

  const Options& options_;
  Session& session_;
  store::SuppressionStore store_;
  std::int64_t now_;
  std::vector<Suppression> entries_;
};

int import(const Options& options) {
  std::ifstream file;
  if (options.file != "-") {
    file.open(options.file, std::ios::binary);
    if (!file) return refuse(options.common, kUsage, options.file + ": cannot be read");
  }
  auto session = open(options);
  if (!session) return report_error(session.error(), options.common);
  const auto now = (*session)->now_ms();
  if (!now) return report_error(now.error(), options.common);
  Import list(options, **session, *now);
  auto done = list.read(options.file == "-" ? std::cin : file);
  if (done) done = list.finish();
  if (!done) return report_error(done.error(), options.common);
  for (const std::string& one : list.refused) std::cerr << one << '\n';
  const int told = tell(options, list.added, list.given, "suppressed", "suppressed before");
  return list.refused.empty() ? told : kFailed;
}

}  // namespace

void add_suppress(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("suppress", "Who gets no mail: bounced, complained, unsubscribed, listed");
  command->require_subcommand(1);
  command->footer("Example:\n  hongyan suppress list --tenant acme");
  const auto options = std::make_shared<Options>();
  const auto common = [&](CLI::App& one) {
    one.add_option("--tenant", options->tenant,
                   "of this tenant's mail only; default: of anybody's");
    add_common(one, options->common);
  };
  const auto with_reason = [&](CLI::App& one) {
    one.add_option("--reason", options->reason, "operator, bounce, complaint or unsubscribe")
        ->check(CLI::IsMember({"operator", "bounce", "complaint", "unsubscribe"}));
  };

  CLI::App* added = command->add_subcommand("add", "Addresses, or domains as @example.com");
  added->add_option("NAME", options->names, "address or @domain")->required();
  with_reason(*added);
  common(*added);
  added->footer(
      "Takes effect on every engine within a minute, on jobs that run as well.\n"
      "Example:\n  hongyan suppress add li@example.cn @example.net --tenant acme");
  added->callback([options, &exit_code] { exit_code = add(*options); });

  CLI::App* removed = command->add_subcommand("remove", "Mail to them again");
  removed->add_option("NAME", options->names, "address or @domain")->required();
  common(*removed);
  removed->footer(
      "Recipients that were suppressed already stay so in their job.\n"
      "Example:\n  hongyan suppress remove li@example.cn --tenant acme");
  removed->callback([options, &exit_code] { exit_code = remove(*options); });

  CLI::App* listed = command->add_subcommand("list", "Who, why, by whom and since when");
  listed->add_option("PATTERN", options->pattern, "names like this: * and ? stand for anything");
  listed->add_option("-n", options->most, "at most so many (default 100)");
  common(*listed);
  listed->footer("Example:\n  hongyan suppress list '*@example.cn' --tenant acme");
  listed->callback([options, &exit_code] {
    exit_code =
        print(*options, options->common.json ? Format::kNdjson : Format::kTable, options->most);
  });

  CLI::App* imported = command->add_subcommand("import", "A list: CSV, NDJSON or a name a line");
  imported->add_option("FILE", options->file, "the list; - reads standard input")->required();
  with_reason(*imported);
  common(*imported);
  imported->footer(
      "What `export` wrote comes back with its reasons. Names that are none are told, the others\n"
      "are taken; exit 1 then.\n"
      "Example:\n  hongyan suppress import unsubscribed.csv --tenant acme --reason unsubscribe");
  imported->callback([options, &exit_code] { exit_code = import(*options); });

  CLI::App* exported = command->add_subcommand("export", "All of them, as CSV");
  common(*exported);
  exported->footer("Example:\n  hongyan suppress export --tenant acme > suppressed.csv");
  exported->callback([options, &exit_code] {
    exit_code = print(*options, options->common.json ? Format::kNdjson : Format::kCsv,
                      std::numeric_limits<std::size_t>::max());
  });
}

}  // namespace hongyan::cli
