#include "store/money_store.h"

#include "base/text.h"
#include "store/keys.h"

#include <algorithm>
#include <charconv>

namespace hongyan::store {
namespace {

using async::Task;
using redis::Command;

std::int64_t to_number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

Task<Result<MoneyStore::Loan>> MoneyStore::lend(std::string tenant, std::string job,
                                                std::int64_t number, MicroYuan want,
                                                MicroYuan price, MicroYuan low) {
  Command command("FCALL");
  command.arg("h1_lend").arg(1).arg(keys::account(tenant));
  command.arg(job).arg(number).arg(want.value).arg(price.value).arg(low.value);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return Loan{MicroYuan{(*reply)[0].integer()}, MicroYuan{(*reply)[1].integer()},
                 (*reply)[2].integer() == 1};
}

Task<Result<bool>> MoneyStore::fund(std::string job, std::int64_t number, MicroYuan amount) {
  Command command("FCALL");
  command.arg("h1_fund").arg(1).arg(keys::job(job)).arg(number).arg(amount.value);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return true;
}

Task<Result<bool>> MoneyStore::mark_unfunded(std::string job) {
  Command command("FCALL");
  command.arg("h1_unfunded").arg(1).arg(keys::job(job));
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return reply->text() == "unfunded";
}

Task<Result<bool>> MoneyStore::give_back(std::string tenant, std::string job) {
  Command unlend("FCALL");
  unlend.arg("h1_unlend").arg(1).arg(keys::job(job));
  auto returned = co_await store_.call(std::move(unlend));
  if (!returned) co_return std::unexpected(returned.error());
  Command take_back("FCALL");
  take_back.arg("h1_take_back").arg(1).arg(keys::account(tenant)).arg(job).arg(returned->text());
  auto reply = co_await store_.call(std::move(take_back));
  if (!reply) co_return std::unexpected(reply.error());
  co_return true;
}

Task<Result<bool>> MoneyStore::roll_up(std::string job, std::string tenant, std::string channel,
                                       std::int64_t price, std::int64_t charge_seq) {
  auto days = co_await store_.call(std::move(Command("HGETALL").arg(keys::of_job(job, "days"))));
  if (!days) co_return std::unexpected(days.error());
  // The tenant is listed first: a ledger that nobody can find would be worse than an empty one.
  auto listed = co_await store_.call(std::move(Command("SADD").arg(keys::kTenants).arg(tenant)));
  if (!listed) co_return std::unexpected(listed.error());
  Command command("FCALL");
  command.arg("h1_ledger_apply").arg(1).arg(keys::ledger(tenant));
  command.arg(job).arg(channel).arg(price).arg(charge_seq);
  for (const auto& part : days->array()) command.arg(part.text());
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return reply->integer() == 1;
}

Task<Result<TopUp>> MoneyStore::top_up(std::string tenant, MicroYuan amount, std::string ref,
                                       std::string actor) {
  auto listed = co_await store_.call(std::move(Command("SADD").arg(keys::kTenants).arg(tenant)));
  if (!listed) co_return std::unexpected(listed.error());
  Command command("FCALL");
  command.arg("h1_top_up").arg(2).arg(keys::account(tenant)).arg(keys::account_entries(tenant));
  command.arg(ref).arg(amount.value).arg(actor);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return TopUp{(*reply)[0].integer() == 1, MicroYuan{(*reply)[1].integer()},
                  std::string((*reply)[2].text())};
}

Task<Result<std::vector<std::string>>> MoneyStore::tenants() {
  auto reply = co_await store_.call(std::move(Command("SMEMBERS").arg(keys::kTenants)));
  if (!reply) co_return std::unexpected(reply.error());
  std::vector<std::string> names;
  for (const auto& name : reply->array()) names.emplace_back(name.text());
  std::ranges::sort(names);
  co_return names;
}

Task<Result<Tenant>> MoneyStore::ledger(std::string tenant) {
  auto reply = co_await store_.call(std::move(Command("HGETALL").arg(keys::ledger(tenant))));
  if (!reply) co_return std::unexpected(reply.error());
  Tenant found;
  std::map<std::string, EverCharged> ever;
  const auto fields = reply->array();
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    const std::string_view name = fields[i].text();
    const std::string_view value = fields[i + 1].text();
    const auto parts = split(name, '|');
    if (parts[0] == "total" && parts.size() == 4) {
      found.lines.push_back({std::string(parts[1]), tenant, std::string(parts[3]),
                             MicroYuan{to_number(parts[2])}, to_number(value)});
    } else if (parts[0] == "entry" && parts.size() == 3) {
      const auto words = split(value, ' ');  // messages price at channel
      if (words.size() < 4) continue;
      found.entries.push_back({{std::string(parts[1]), tenant, std::string(words[3]),
                                MicroYuan{to_number(words[1])}, to_number(words[0])},
                               "hongyan",
                               std::string(parts[2]),
                               to_number(words[2])});
    } else if (parts[0] == "ever" && parts.size() == 3) {
      EverCharged& one = ever[std::string(parts[2])];
      (parts[1] == "messages" ? one.messages : one.micro_yuan) = to_number(value);
    }
  }
  for (auto& [channel, one] : ever) {
    one.tenant = tenant;
    one.channel = channel;
    found.ever.push_back(one);
  }
  const auto order = [](const BillLine& line) {
    return std::tie(line.day, line.tenant, line.channel, line.unit_price.value);
  };
  std::ranges::sort(found.lines, {}, order);
  std::ranges::sort(found.entries, [&](const LedgerEntry& a, const LedgerEntry& b) {
    return std::pair(order(a.line), a.ref) < std::pair(order(b.line), b.ref);
  });
  co_return found;
}

Task<Result<Balance>> MoneyStore::balance(std::string tenant) {
  auto account = co_await store_.call(std::move(
      Command("HMGET").arg(keys::account(tenant)).arg("topped_up").arg("lent").arg("returned")));
  if (!account) co_return std::unexpected(account.error());
  auto ledger = co_await this->ledger(tenant);
  if (!ledger) co_return std::unexpected(ledger.error());
  Balance balance{MicroYuan{(*account)[0].integer()},
                  MicroYuan{(*account)[1].integer()},
                  MicroYuan{(*account)[2].integer()},
                  {}};
  for (const EverCharged& one : ledger->ever) balance.charged.value += one.micro_yuan;
  co_return balance;
}

}  // namespace hongyan::store
