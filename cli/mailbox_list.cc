// list, show and outbox: what is bound, how each does, what became of its letters.
#include "base/text.h"
#include "cli/command.h"
#include "cli/mailbox_view.h"
#include "cli/output.h"
#include "mailbox/office/expiry.h"

#include <fmt/format.h>

#include <iostream>
#include <memory>

namespace hongyan::cli {
namespace {

struct Options {
  Common common;
  std::string address;
  bool all = false;
  int most = 50;
};

std::string of_day(const MailboxView& view) {
  return fmt::format("{} of {} (day {})", view.sent_today, view.day.cap, view.day.day);
}

std::string expiry(const mailbox::Account& account) {
  return account.expires_at ? when(to_unix_ms(*account.expires_at)).substr(0, 10) : "";
}

// What somebody should do something about.
std::string reason(const mailbox::Account& account) {
  if (!account.reason.empty() || !account.expires_at) return account.reason;
  return mailbox::expiry_sentence(*account.expires_at, SystemClock().wall());
}

std::optional<mailbox::Catalogue> catalogue_or_tell(const Common& common) {
  auto catalogue = mailbox::Catalogue::built_in();
  if (catalogue) return *std::move(catalogue);
  refuse(common, kFailed, catalogue.error().front().sentence());
  return std::nullopt;
}

int list(const Options& options) {
  const Common& common = options.common;
  const auto catalogue = catalogue_or_tell(common);
  if (!catalogue) return kFailed;
  auto session = Session::open(common);
  if (!session) return report_error(session.error(), common);
  const auto all = all_mailboxes(**session);
  if (!all) return report_error(all.error(), common);
  RowWriter rows(std::cout, common.json ? Format::kNdjson : Format::kTable,
                 {{"mailbox", "MAILBOX"},
                  {"tenant", "TENANT"},
                  {"label", "LABEL"},
                  {"provider", "PROVIDER"},
                  {"status", "STATUS"},
                  {"today", "TODAY"},
                  {"waiting", "WAITING", true},
                  {"expires", "CODE ENDS"},
                  {"reason", "REASON"}});
  for (const std::string& address : *all) {
    const auto view = load_mailbox(**session, address, *catalogue, 0);
    if (!view) return report_error(view.error(), common);
    if (!*view) continue;
    const mailbox::Account& account = (*view)->account;
    rows.row({address, account.tenant, account.label, account.provider,
              mailbox::status_name(account.status), of_day(**view),
              static_cast<std::int64_t>((*view)->waiting), expiry(account), reason(account)});
  }
  rows.end("no mailbox is bound (hongyan mailbox bind ADDRESS)");
  return kDone;
}

// Empty: nobody looks whether it is.
std::string opened(const mailbox::LetterRecord& letter) {
  if (!letter.tracked) return "";
  return letter.opened_at == WallTime{} ? "no" : when(to_unix_ms(letter.opened_at));
}

void print_letters(const MailboxView& view, bool with_mailbox, RowWriter& rows) {
  for (const MailboxView::Letter& letter : view.letters) {
    std::vector<Cell> cells;
    if (with_mailbox) cells.emplace_back(view.account.address);
    cells.emplace_back(letter.id);
    cells.emplace_back(letter.record.to);
    cells.emplace_back(letter.record.subject);
    cells.emplace_back(letter.record.state);
    cells.emplace_back(letter.expected ? when(to_unix_ms(*letter.expected)) : "");
    cells.emplace_back(opened(letter.record));
    cells.emplace_back(letter.record.clicks);
    cells.emplace_back(letter.record.reply);
    rows.row(std::move(cells));
  }
}

std::vector<Column> letter_columns(bool with_mailbox) {
  std::vector<Column> columns = {{"letter", "LETTER"},       {"to", "TO"},
                                 {"subject", "SUBJECT"},     {"state", "STATE"},
                                 {"expected", "EXPECTED"},   {"opened", "OPENED"},
                                 {"clicks", "CLICKS", true}, {"reply", "REPLY"}};
  if (with_mailbox) columns.insert(columns.begin(), {"mailbox", "MAILBOX"});
  return columns;
}

int show(const Options& options) {
  const Common& common = options.common;
  const auto catalogue = catalogue_or_tell(common);
  if (!catalogue) return kFailed;
  auto session = Session::open(common);
  if (!session) return report_error(session.error(), common);
  const std::string address = mailbox::account_key(options.address);
  const auto found = load_mailbox(**session, address, *catalogue, 10);
  if (!found) return report_error(found.error(), common);
  if (!*found) return refuse(common, kFailed, "`" + address + "` is not bound");
  const MailboxView& view = **found;
  const mailbox::Account& account = view.account;
  const std::string imap = account.servers.imap ? account.servers.imap->text() : "";
  if (common.json) {
    Json json =
        Json::object({{"ok", Json::boolean(true)},
                      {"mailbox", Json::string(address)},
                      {"tenant", Json::string(account.tenant)},
                      {"label", Json::string(account.label)},
                      {"provider", Json::string(account.provider)},
                      {"status", Json::string(std::string(mailbox::status_name(account.status)))},
                      {"reason", Json::string(account.reason)},
                      {"imap", Json::string(imap)},
                      {"smtp", Json::string(account.servers.smtp.text())},
                      {"bound_at", json_number(to_unix_ms(account.bound_at))},
                      {"day", json_number(view.day.day)},
                      {"cap", json_number(view.day.cap)},
                      {"sent_today", json_number(view.sent_today)},
                      {"waiting", json_number(static_cast<std::int64_t>(view.waiting))},
                      {"answers", json_number(account.answers)},
                      {"bad", json_number(account.bad)}});
    json.set("sync", Json::boolean(account.sync));
    json.set("sync_interval_ms", json_number(account.sync_interval.count()));
    json.set("notify", Json::string(account.notify));
    json.set("slowdown", Json::number(fmt::format("{:.2f}", view.day.slowdown)));
    if (account.expires_at) json.set("expires_at", json_number(to_unix_ms(*account.expires_at)));
    print_json(json);
    return kDone;
  }
  Facts facts;
  facts.add("mailbox", address);
  facts.add("label", escape_control(account.label));
  facts.add("tenant", account.tenant);
  facts.add("provider", account.provider);
  facts.add("status", std::string(mailbox::status_name(account.status)));
  facts.add("reason", reason(account));
  facts.add("IMAP", imap);
  facts.add("SMTP", account.servers.smtp.text());
  facts.add("bound", when(to_unix_ms(account.bound_at)));
  facts.add("code ends", expiry(account));
  facts.add("reading",
            !account.sync ? "off"
                          : "on; without IDLE every " + span(account.sync_interval.count() / 1000));
  facts.add("notifies", account.notify);
  facts.add("today", of_day(view));
  if (account.not_before > SystemClock().wall())
    facts.add("pauses until", when(to_unix_ms(account.not_before)));
  if (view.day.slowdown > 1)
    facts.add("slowed",
              fmt::format("gaps are {:.1f} times as long since the provider asked for it, {}",
                          view.day.slowdown, when(to_unix_ms(account.learnt.slowed_at))));
  facts.add("waiting", with_commas(static_cast<std::int64_t>(view.waiting)));
  facts.print(std::cout);
  if (view.letters.empty()) return kDone;
  std::cout << '\n';
  RowWriter rows(std::cout, Format::kTable, letter_columns(false));
  print_letters(view, false, rows);
  rows.end();
  return kDone;
}

int outbox(const Options& options) {
  const Common& common = options.common;
  if (options.address.empty() == !options.all)
    return refuse(common, kUsage, "give the ADDRESS of a mailbox, or --all");
  const auto catalogue = catalogue_or_tell(common);
  if (!catalogue) return kFailed;
  auto session = Session::open(common);
  if (!session) return report_error(session.error(), common);
  std::vector<std::string> addresses{mailbox::account_key(options.address)};
  if (options.all) {
    auto all = all_mailboxes(**session);
    if (!all) return report_error(all.error(), common);
    addresses = *std::move(all);
  }
  RowWriter rows(std::cout, common.json ? Format::kNdjson : Format::kTable, letter_columns(true));
  for (const std::string& address : addresses) {
    const auto view = load_mailbox(**session, address, *catalogue, options.most);
    if (!view) return report_error(view.error(), common);
    if (*view)
      print_letters(**view, true, rows);
    else if (!options.all)
      return refuse(common, kFailed, "`" + address + "` is not bound");
  }
  rows.end("no letters");
  return kDone;
}

void add(CLI::App& mailbox, int& exit_code, const char* name, const char* what, const char* example,
         int (*run)(const Options&)) {
  CLI::App* command = mailbox.add_subcommand(name, what);
  const auto options = std::make_shared<Options>();
  if (run != list) {
    auto* address = command->add_option("ADDRESS", options->address, "the mailbox");
    if (run == show) address->required();
  }
  if (run == outbox) {
    command->add_flag("--all", options->all, "of all mailboxes");
    command->add_option("--limit", options->most, "letters of each, besides those that wait")
        ->capture_default_str();
  }
  add_common(*command, options->common);
  command->footer(std::string("Example:\n  ") + example);
  command->callback([options, &exit_code, run] { exit_code = run(*options); });
}

}  // namespace

void add_mailbox_list(CLI::App& mailbox, int& exit_code) {
  add(mailbox, exit_code, "list", "What is bound, and how each does", "hongyan mailbox list", list);
  add(mailbox, exit_code, "show", "One mailbox: status, servers, pace, its letters",
      "hongyan mailbox show lily@163.com", show);
  add(mailbox, exit_code, "outbox",
      "Letters that wait, with the time expected, and what became of others",
      "hongyan mailbox outbox --all", outbox);
}

}  // namespace hongyan::cli
