// inbox: what came into bound mailboxes, over all of them.
#include "cli/command.h"
#include "cli/mailbox_view.h"
#include "cli/output.h"
#include "store/inbox_store.h"

#include <algorithm>
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

std::string text_at(const Json& head, std::string_view name) {
  const Json* value = head.find(name);
  return value == nullptr ? std::string() : value->text();
}

std::int64_t received(const Json& head) {
  const std::int64_t at = std::atoll(text_at(head, "received").c_str());
  return at != 0 ? at : std::atoll(text_at(head, "date").c_str());
}

std::string sender(const Json& head) {
  const std::string name = text_at(head, "from_name"), address = text_at(head, "from");
  return name.empty() ? address : name + " <" + address + ">";
}

// The newest of all, first.
Result<std::vector<Json>> load_heads(Session& session, const std::vector<std::string>& addresses,
                                     int most) {
  store::InboxStore inbox(session.jobs());
  std::vector<Json> heads;
  for (const std::string& address : addresses) {
    const auto some = session.run(inbox.newest(address, most));
    if (!some) return std::unexpected(some.error());
    for (const std::string& text : *some)
      if (auto head = parse_json(text)) heads.push_back(*std::move(head));
  }
  std::ranges::sort(heads, std::ranges::greater{}, [](const Json& head) {
    return std::pair(received(head), std::atoll(text_at(head, "uid").c_str()));
  });
  if (heads.size() > static_cast<std::size_t>(most)) heads.resize(static_cast<std::size_t>(most));
  return heads;
}

int inbox(const Options& options) {
  const Common& common = options.common;
  if (options.address.empty() == !options.all)
    return refuse(common, kUsage, "give the ADDRESS of a mailbox, or --all");
  auto session = Session::open(common);
  if (!session) return report_error(session.error(), common);
  const auto all = all_mailboxes(**session);
  if (!all) return report_error(all.error(), common);
  std::vector<std::string> addresses = *all;
  if (!options.all) {
    addresses = {mailbox::account_key(options.address)};
    if (std::ranges::find(*all, addresses.front()) == all->end())
      return refuse(common, kFailed, "`" + addresses.front() + "` is not bound");
  }
  const auto heads = load_heads(**session, addresses, options.most);
  if (!heads) return report_error(heads.error(), common);
  if (common.json) {
    for (const Json& head : *heads) print_json(head);
    return kDone;
  }
  RowWriter rows(std::cout, Format::kTable,
                 {{"mailbox", "MAILBOX"},
                  {"received", "RECEIVED"},
                  {"from", "FROM"},
                  {"subject", "SUBJECT"},
                  {"snippet", "TEXT"}});
  for (const Json& head : *heads)
    rows.row({text_at(head, "mailbox"), when(received(head)), sender(head),
              text_at(head, "subject"), text_at(head, "snippet")});
  rows.end("no mail has come since the mailboxes were bound");
  return kDone;
}

}  // namespace

void add_mailbox_inbox(CLI::App& mailbox, int& exit_code) {
  CLI::App* command =
      mailbox.add_subcommand("inbox", "Mail that has come since binding, the newest first");
  const auto options = std::make_shared<Options>();
  command->add_option("ADDRESS", options->address, "the mailbox");
  command->add_flag("--all", options->all, "of all mailboxes");
  command->add_option("--limit", options->most, "messages in all")
      ->check(CLI::Range(1, 2000))
      ->capture_default_str();
  add_common(*command, options->common);
  command->footer("Example:\n  hongyan mailbox inbox --all");
  command->callback([options, &exit_code] { exit_code = inbox(*options); });
}

}  // namespace hongyan::cli
