#include "cli/bill_table.h"
#include "cli/session.h"

#include <algorithm>
#include <iostream>
#include <tuple>

namespace hongyan::cli {
namespace {

struct Options {
  Common common;
  std::string tenant;
  BillRange range;
  bool entries = false;
  std::string format = "table";
};

int bill(Options options) {
  if (options.common.json) options.format = "json";
  for (const std::string* day : {&options.range.from, &options.range.to})
    if (!day->empty() && !is_day(*day))
      return refuse(options.common, kUsage, "'" + *day + "' is no day; write 2026-11-30");
  if (!options.range.from.empty() && !options.range.to.empty() &&
      options.range.from >= options.range.to)
    return refuse(
        options.common, kUsage,
        "--to is the day after the last: it must come after --from " + options.range.from);
  auto session = Session::open(options.common);
  if (!session) return report_error(session.error(), options.common);
  store::MoneyStore& money = (*session)->money();
  auto tenants = (*session)->run(money.tenants());
  if (!tenants) return report_error(tenants.error(), options.common);
  std::vector<store::BillLine> lines;
  std::vector<store::LedgerEntry> entries;
  for (const std::string& tenant : *tenants) {
    if (!options.tenant.empty() && tenant != options.tenant) continue;
    auto ledger = (*session)->run(money.ledger(tenant));
    if (!ledger) return report_error(ledger.error(), options.common);
    for (auto& line : ledger->lines)
      if (options.range.holds(line.day)) lines.push_back(std::move(line));
    for (auto& entry : ledger->entries)
      if (options.range.holds(entry.line.day)) entries.push_back(std::move(entry));
  }
  const auto order = [](const store::BillLine& line) {
    return std::tie(line.day, line.tenant, line.channel, line.unit_price.value);
  };
  std::ranges::sort(lines, {}, order);
  std::ranges::sort(entries, {}, [&](const store::LedgerEntry& entry) {
    return std::tuple_cat(order(entry.line), std::tie(entry.ref));
  });

  const bool csv = options.format == "csv";
  if (options.format == "json") {
    std::cout << bill_json(lines, options.entries ? &entries : nullptr, options.range) << '\n';
  } else if (options.entries) {
    csv ? print_entries_csv(std::cout, entries) : print_entries_table(std::cout, entries);
  } else {
    csv ? print_bill_csv(std::cout, lines) : print_bill_table(std::cout, lines);
  }
  std::cout.flush();
  return kDone;
}

}  // namespace

void add_bill(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("bill", "What was charged, by day, tenant and channel");
  const auto options = std::make_shared<Options>();
  command->add_option("--tenant", options->tenant, "only this tenant's");
  command->add_option("--from", options->range.from, "first day, e.g. 2026-11-01")
      ->type_name("DATE");
  command->add_option("--to", options->range.to, "day after the last")->type_name("DATE");
  command->add_flag("--entries", options->entries, "each job's share of a day, with its ref");
  command->add_option("--format", options->format, "table, csv or json")
      ->check(CLI::IsMember({"table", "csv", "json"}))
      ->default_str("table");
  add_common(*command, options->common);
  command->footer(
      "Days are those of [billing] timezone; a closed day never changes.\n"
      "Example:\n  hongyan bill --tenant acme --from 2026-11-01 --to 2026-12-01 --format csv");
  command->callback([options, &exit_code] { exit_code = bill(*options); });
}

}  // namespace hongyan::cli
