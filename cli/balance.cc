#include "base/text.h"
#include "cli/control_wait.h"
#include "cli/output.h"
#include "cli/published.h"
#include "cli/session.h"
#include "store/keys.h"

#include <algorithm>
#include <iostream>

namespace hongyan::cli {
namespace {

struct Options {
  Common common;
  std::string tenant;
  std::string amount;
  std::string ref;
  bool entries = false;
};

Json json_of(const std::string& tenant, const store::Balance& balance) {
  return Json::object({{"tenant", Json::string(tenant)},
                       {"topped_up_micro_yuan", json_number(balance.topped_up.value)},
                       {"charged_micro_yuan", json_number(balance.charged.value)},
                       {"balance_micro_yuan", json_number(balance.balance().value)},
                       {"free_micro_yuan", json_number(balance.free().value)}});
}

struct Standing {
  std::string fault;      // there is no such tenant; empty: there is, or nobody can tell
  bool postpaid = false;  // the published configuration says so, and there is no account
};

Result<Standing> standing_of(Session& session, const std::string& tenant) {
  auto fleet = published_fleet(session);
  if (!fleet) return std::unexpected(fleet.error());
  auto known = session.run(session.money().tenants());
  if (!known) return std::unexpected(known.error());
  auto account = session.call(redis::Command("EXISTS").arg(store::keys::account(tenant)));
  if (!account) return std::unexpected(account.error());
  if (!fleet->has_value()) return Standing{};
  if (const auto at = (*fleet)->tenants.find(tenant); at != (*fleet)->tenants.end())
    return Standing{{}, !at->second.prepaid && account->integer() == 0};
  if (std::ranges::find(*known, tenant) != known->end()) return Standing{};
  for (const auto& [name, one] : (*fleet)->tenants) known->push_back(name);
  std::string sentence = "there is no tenant '" + tenant + "' in the published configuration";
  if (const auto meant = nearest(tenant, *known)) sentence += "; did you mean '" + *meant + "'?";
  return Standing{std::move(sentence)};
}

int print_entries(Session& session, const Options& options) {
  auto entries = session.call(
      redis::Command("LRANGE").arg(store::keys::account_entries(options.tenant)).arg(0).arg(-1));
  if (!entries) return report_error(entries.error(), options.common);
  const Format format = options.common.json ? Format::kNdjson : Format::kTable;
  const bool json = options.common.json;
  RowWriter rows(std::cout, format,
                 {{"at", "AT"},
                  {"kind", "KIND"},
                  json ? Column{"amount_micro_yuan", ""} : Column{"amount_yuan", "AMOUNT", true},
                  {"actor", "ACTOR"},
                  {"ref", "REF"}});
  for (const auto& one : entries->array()) {
    const auto entry = parse_json(one.text());
    if (!entry) continue;
    const auto text = [&](std::string_view name) {
      const Json* value = entry->find(name);
      return value == nullptr ? std::string() : value->text();
    };
    const std::int64_t amount = std::strtoll(text("amount_micro_yuan").c_str(), nullptr, 10);
    rows.row({at_cell(std::strtoll(text("at").c_str(), nullptr, 10), format), text("kind"),
              json ? Cell(amount) : Cell(yuan(MicroYuan{amount})), text("actor"), text("ref")});
  }
  rows.end("the account of " + options.tenant + " was never topped up");
  return kDone;
}

int show(const Options& options) {
  auto session = Session::open(options.common);
  if (!session) return report_error(session.error(), options.common);
  if (!options.tenant.empty()) {
    auto standing = standing_of(**session, options.tenant);
    if (!standing) return report_error(standing.error(), options.common);
    if (!standing->fault.empty()) return refuse(options.common, kFailed, standing->fault);
  }
  if (options.entries) {
    if (options.tenant.empty()) return refuse(options.common, kUsage, "--entries needs a TENANT");
    return print_entries(**session, options);
  }
  store::MoneyStore& money = (*session)->money();
  std::vector<std::string> tenants{options.tenant};
  if (options.tenant.empty()) {
    auto all = (*session)->run(money.tenants());
    if (!all) return report_error(all.error(), options.common);
    tenants = std::move(*all);
  }
  RowWriter rows(std::cout, Format::kTable,
                 {{"tenant", "TENANT"},
                  {"topped_up", "TOPPED UP", true},
                  {"charged", "CHARGED", true},
                  {"balance", "BALANCE", true},
                  {"free", "FREE", true}});
  for (const std::string& tenant : tenants) {
    auto balance = (*session)->run(money.balance(tenant));
    if (!balance) return report_error(balance.error(), options.common);
    if (options.common.json) {
      print_json(json_of(tenant, *balance));
    } else {
      const bool account = balance->topped_up.value != 0 || balance->lent.value != 0;
      rows.row({tenant, account ? yuan(balance->topped_up) : "-", yuan(balance->charged),
                account ? yuan(balance->balance()) : "postpaid",
                account ? yuan(balance->free()) : "-"});
    }
  }
  if (!options.common.json) rows.end("no tenant has been charged or topped up");
  return kDone;
}

int top_up(const Options& options) {
  const auto amount = parse_yuan(options.amount);
  if (!amount) return refuse(options.common, kUsage, "AMOUNT: " + amount.error().detail);
  if (amount->value == 0) return refuse(options.common, kUsage, "AMOUNT: nothing to add");
  auto session = Session::open(options.common);
  if (!session) return report_error(session.error(), options.common);
  // Money under a misspelt name would be gone from sight.
  auto standing = standing_of(**session, options.tenant);
  if (!standing) return report_error(standing.error(), options.common);
  if (!standing->fault.empty()) return refuse(options.common, kFailed, standing->fault);
  if (auto ready = (*session)->ensure_functions(); !ready)
    return report_error(ready.error(), options.common);
  store::MoneyStore& money = (*session)->money();
  auto done = (*session)->run(money.top_up(options.tenant, *amount, options.ref, actor()));
  if (!done) return report_error(done.error(), options.common);
  if (!done->refusal.empty())
    return refuse(options.common, kFailed, options.tenant + ": " + done->refusal);
  auto balance = (*session)->run(money.balance(options.tenant));
  if (!balance) return report_error(balance.error(), options.common);
  if (options.common.json) {
    Json answer = json_of(options.tenant, *balance);
    answer.set("applied", Json::boolean(done->applied));
    print_json(answer);
    return kDone;
  }
  if (done->applied) {
    std::cout << (amount->value < 0 ? "taken off " : "topped up ") << options.tenant << " by "
              << yuan(MicroYuan{std::abs(amount->value)});
  } else {
    std::cout << "ref " << options.ref << " was applied before; nothing changed";
  }
  std::cout << "; balance " << yuan(balance->balance()) << ", free " << yuan(balance->free())
            << '\n';
  if (standing->postpaid && done->applied)
    std::cout << "note: " << options.tenant
              << " is prepaid from now on; jobs that were taken without an account stay postpaid\n";
  return kDone;
}

}  // namespace

void add_balance(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("balance", "Accounts of prepaid tenants");
  command->require_subcommand(1);
  command->footer("Example:\n  hongyan balance top-up acme 100 --ref invoice-2026-117");
  const auto options = std::make_shared<Options>();

  CLI::App* shown = command->add_subcommand("show", "Topped up, charged, what is left");
  shown->add_option("TENANT", options->tenant, "only this tenant's");
  shown->add_flag("--entries", options->entries, "every top-up and credit");
  add_common(*shown, options->common);
  shown->footer(
      "FREE is what no running job holds an allotment of.\n"
      "Example:\n  hongyan balance show acme");
  shown->callback([options, &exit_code] { exit_code = show(*options); });

  CLI::App* added = command->add_subcommand("top-up", "Put yuan into an account; negative: credit");
  added->add_option("TENANT", options->tenant, "whose account")->required();
  added->add_option("AMOUNT", options->amount, "yuan, at most six decimals: 100, -0.5")->required();
  added->add_option("--ref", options->ref, "the same ref is applied once only")->required();
  add_common(*added, options->common);
  added->footer("Example:\n  hongyan balance top-up acme 100 --ref invoice-2026-117");
  added->callback([options, &exit_code] { exit_code = top_up(*options); });
}

}  // namespace hongyan::cli
