#include "mailbox/office/orders.h"

#include "base/log.h"
#include "base/time_text.h"
#include "dns/blocking_lookup.h"
#include "mailbox/catalogue/secret.h"
#include "mailbox/office/settings.h"
#include "mailbox/vault/sealed_secret.h"
#include "store/keys.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace hongyan::mailbox {
namespace {

using async::Task;

constexpr int kAnswerSeconds = 600;

BindReport refused(std::string why) {
  BindReport report;
  report.refusal = std::move(why);
  return report;
}

std::string field(const Orders::Order& order, std::string_view name) {
  const auto at = order.find(name);
  return at == order.end() ? std::string() : at->second;
}

// What a provider that takes no password of any kind would say, before it has to.
bool wants_oauth(const Provider* provider, Auth auth) {
  return provider != nullptr && provider->oauth2 == OAuth2::kOnly && auth == Auth::kPassword;
}

Result<std::vector<Candidate>> explicit_servers(const Orders::Order& order) {
  Candidate candidate;
  const std::string imap = field(order, "imap"), smtp = field(order, "smtp");
  if (imap.empty() && smtp.empty()) return std::vector<Candidate>{};
  auto out = parse_server(smtp);
  if (!out)
    return fail(Scope::kJob, "bad-server",
                "`smtp` must be HOST:PORT implicit, or HOST:PORT starttls");
  candidate.servers.smtp = *std::move(out);
  if (!imap.empty()) {
    candidate.servers.imap = parse_server(imap);
    if (!candidate.servers.imap)
      return fail(Scope::kJob, "bad-server",
                  "`imap` must be HOST:PORT implicit, or HOST:PORT starttls");
  }
  return std::vector{candidate};
}

// By the server whose answer decided.
std::string said_last(const BindReport& report) {
  std::string said;
  for (const LoginTrial& trial : report.trials)
    if (trial.result == LoginTrial::Result::kFailed) said = trial.said;
  return said;
}

Status status_after(const login::Verdict& verdict) {
  if (verdict.says.refused) return Status::kNeedsCode;
  switch (verdict.says.reaction) {
    case login::Reaction::kNewSecret:
    case login::Reaction::kRefresh:
      return Status::kNeedsCode;
    case login::Reaction::kStop:
    case login::Reaction::kFix:
      return Status::kNeedsAttention;
    case login::Reaction::kWait:
    case login::Reaction::kRetry:
    case login::Reaction::kSwitch:
    case login::Reaction::kIdentify:
      break;
  }
  return Status::kNormal;
}

}  // namespace

Orders::Orders(store::JobStore& store, std::shared_ptr<const config::Config> config,
               std::shared_ptr<const Catalogue> catalogue,
               std::shared_ptr<const vault::KeyRing> keys, Binder binder, Tell tell)
    : store_(store),
      mailboxes_(store),
      config_(std::move(config)),
      catalogue_(std::move(catalogue)),
      keys_(std::move(keys)),
      binder_(std::move(binder)),
      tell_(std::move(tell)) {}

Task<> Orders::carry_out(Order order) {
  const BindReport report = co_await obey(order);
  co_await answer(order, report);
  log::info("mailbox-order", {{"op", field(order, "op")},
                              {"mailbox", field(order, "mailbox")},
                              {"actor", field(order, "actor")},
                              {"ok", report.fine},
                              {"refusal", report.refusal}});
}

Task<BindReport> Orders::obey(const Order& order) {
  // Whoever reads the queue has read it: that secret is spoilt.
  for (const char* plain : {"password", "code", "authorization_code"})
    if (!field(order, plain).empty())
      co_return refused(std::string("`") + plain +
                        "` came in the clear and was deleted unused: revoke that secret at the "
                        "provider, make a new one and seal it (hongyan vault seal)");
  const std::string op = field(order, "op");
  const std::string tenant = field(order, "tenant");
  if (!config_->fleet.tenants.contains(tenant))
    co_return refused("there is no tenant `" + tenant + "`");
  auto address = parse_address(field(order, "mailbox"));
  if (!address) co_return refused("`mailbox`: " + address.error().detail);
  const std::string key = account_key(address->normalised());
  const auto account = co_await load(key);
  if (!account) co_return refused("try again: " + account.error().detail);
  const bool bound = account->status != Status::kUnbound;
  if (bound && account->tenant != tenant)
    co_return refused("`" + key + "` is not a mailbox of tenant " + tenant);
  if (op == "mailbox.bind")
    co_return co_await bind(order, *std::move(address), field(order, "label"));
  if (op != "mailbox.update-password" && op != "mailbox.verify" && op != "mailbox.set" &&
      op != "mailbox.unbind")
    co_return refused(
        "`op` must be mailbox.bind, mailbox.update-password, mailbox.verify, mailbox.set or "
        "mailbox.unbind");
  if (!bound) co_return refused("`" + key + "` is not bound");
  if (op == "mailbox.update-password") {
    std::string label = field(order, "label");
    if (label.empty()) label = account->label;
    co_return co_await bind(order, *std::move(address), std::move(label));
  }
  if (op == "mailbox.set") co_return co_await set(order, *account);
  if (op == "mailbox.verify") co_return co_await verify(order, *account);
  const auto unbound = co_await mailboxes_.unbind(key);
  if (!unbound) co_return refused("try again: " + unbound.error().detail);
  BindReport report;
  report.fine = true;
  report.status = status_name(Status::kUnbound);
  co_await tell_(*account, "mailbox.unbound", {});
  co_return report;
}

Task<Result<Account>> Orders::load(std::string address) {
  const auto fields = co_await mailboxes_.load(address);
  if (!fields) co_return std::unexpected(fields.error());
  co_return read_account(address, *fields);
}

Task<Recognised> Orders::recognise(Address address) {
  if (catalogue_->by_domain(address.domain) != nullptr)
    co_return mailbox::recognise(*catalogue_, address, {});
  auto home = async::net::make_work_guard(co_await async::net::this_coro::executor);
  const auto ask = [this, &home](auto done, std::string domain) {
    async::net::post(asking_, [this, home = std::move(home), done = std::move(done),
                               domain = std::move(domain)]() mutable {
      MailRecords records;
      if (auto dns =
              dns::BlockingLookup::open({config_->local.dns.servers, config_->local.dns.timeout}))
        records = ask_records(domain, **dns);
      async::net::post(home.get_executor(),
                       [done = std::move(done), records = std::move(records)]() mutable {
                         std::move(done)(std::move(records));
                       });
    });
  };
  const MailRecords records =
      co_await async::net::async_initiate<decltype(async::kAwait), void(MailRecords)>(
          ask, async::kAwait, address.domain);
  co_return mailbox::recognise(*catalogue_, address, records);
}

Task<BindReport> Orders::set(const Order& order, Account account) {
  auto changes = read_settings(order);
  if (!changes) co_return refused(changes.error().detail);
  const auto done = co_await mailboxes_.set(account.address, *std::move(changes));
  if (!done) co_return refused("try again: " + done.error().detail);
  BindReport report;
  report.fine = true;
  report.status = status_name(account.status);
  co_return report;
}

Task<BindReport> Orders::bind(const Order& order, Address address, std::string label) {
  const std::string key = account_key(address.normalised());
  const std::string tenant = field(order, "tenant");
  auto pasted = vault::open_secret(*keys_, {tenant, key}, field(order, "secret"));
  if (!pasted)
    co_return refused("`secret`: " + pasted.error().detail +
                      " (hongyan vault public-key, hongyan vault seal)");
  Account account;
  account.address = key;
  account.tenant = tenant;
  account.label = std::move(label);
  if (const std::string expires = field(order, "expires"); !expires.empty()) {
    const auto day = parse_date(expires);
    if (!day) co_return refused("`expires` must be a date such as 2027-05-20");
    account.expires_at = WallTime(*day);
  }
  account.auth = field(order, "auth") == "xoauth2" ? Auth::kXoauth2 : Auth::kPassword;
  auto given = explicit_servers(order);
  if (!given) co_return refused(given.error().detail);
  Recognised recognised = co_await recognise(address);
  if (!given->empty()) recognised.candidates = *std::move(given);
  // A server that only the DNS names may be anybody's.
  const auto outside = std::ranges::find_if(recognised.candidates, &Candidate::outside);
  const std::string named =
      outside == recognised.candidates.end() ? "" : outside->servers.smtp.text();
  std::erase_if(recognised.candidates, [](const Candidate& one) { return one.outside; });
  if (recognised.candidates.empty())
    co_return refused("no servers are known for " + address.domain +
                      (named.empty() ? ""
                                     : "; the DNS alone names " + named +
                                           ", which could be anybody's: ask the provider") +
                      "; give them (--imap 'HOST:993 implicit', --smtp 'HOST:465 implicit')");
  const Provider* provider = recognised.provider;
  if (wants_oauth(provider, account.auth))
    co_return refused(provider->name.en + " takes neither password nor code: sign in with OAuth2");
  NormalisedSecret normal;
  if (provider != nullptr && account.auth == Auth::kPassword)
    normal = normalise_secret(catalogue_->setup_of(*provider), pasted->reveal());
  else
    normal.secret = *std::move(pasted);
  const Secret& secret = normal.secret;
  account.provider = provider == nullptr ? "" : provider->id;
  account.imap_user =
      user_name(provider == nullptr ? UserName::kAddress : provider->imap_user, address);
  account.smtp_user = address.normalised();

  BindReport report =
      co_await binder_.try_logins({provider, recognised.candidates, account.imap_user,
                                   account.smtp_user, account.auth, secret});
  report.warning = normal.warning;
  if (!report.fine) {
    // A mailbox that works goes on with what it has.
    co_await tell_(account, "mailbox.bind-failed",
                   {{"class", Json::string(report.verdict->says.class_name)},
                    {"said", Json::string(said_last(report))}});
    co_return report;
  }
  account.servers = report.servers;
  account.secret = vault::seal_record(*keys_, {key}, secret);
  account.status = Status::kNormal;
  report.status = status_name(account.status);
  if (auto bound = co_await mailboxes_.bind(key, fields_of(account)); !bound) {
    report.fine = false;
    report.refusal = "the log-ins were good, but it could not be stored: " + bound.error().detail;
    co_return report;
  }
  // What waited for the new secret goes on.
  (void)co_await mailboxes_.wake_at(key, to_unix_ms(SystemClock().wall()));
  co_await tell_(account, "mailbox.bound", {{"provider", Json::string(account.provider)}});
  co_return report;
}

Task<BindReport> Orders::verify(const Order&, Account account) {
  const auto secret = vault::open_record(*keys_, {account.address}, account.secret);
  if (!secret) co_return refused(secret.error().detail);
  const Provider* provider = catalogue_->by_id(account.provider);
  BindReport report = co_await binder_.try_logins({provider,
                                                   {{account.servers, Origin::kCatalogue, false}},
                                                   account.imap_user,
                                                   account.smtp_user,
                                                   account.auth,
                                                   *secret,
                                                   true});
  Fields changes{{"status", std::string(status_name(Status::kNormal))},
                 {"reason", ""},
                 {"strikes", ""},
                 {"not_before", ""}};
  if (report.fine) {
    // Who verifies has looked at the addresses: the count of bad ones begins anew.
    if (account.status == Status::kStopped) changes.insert({{"answers", ""}, {"bad", ""}});
  } else {
    const Status status = status_after(*report.verdict);
    changes["status"] = status_name(status);
    changes["reason"] = report.verdict->says.cause.en;
  }
  report.status = changes["status"];
  (void)co_await mailboxes_.set(account.address, changes);
  (void)co_await mailboxes_.wake_at(account.address, to_unix_ms(SystemClock().wall()));
  co_return report;
}

Task<> Orders::login_refused(const Account& account, LoginFailure failure) {
  const Provider* provider = catalogue_->by_id(account.provider);
  const login::Verdict verdict = binder_.explain(failure, provider, true);
  const login::Conclusion& says = verdict.says;
  const auto known = co_await mailboxes_.load(account.address);
  const auto strikes_at = known ? known->find("strikes") : Fields::const_iterator{};
  const int strikes =
      (known && strikes_at != known->end() ? std::atoi(strikes_at->second.c_str()) : 0) + 1;
  Fields changes{{"strikes", std::to_string(strikes)}};
  const bool out = says.strikes > 0 && strikes >= says.strikes;
  const bool elsewhere = says.backup == login::Backup::kAtOnce ||
                         (says.backup == login::Backup::kAfterTwo && strikes >= 2);
  if (out || says.reaction == login::Reaction::kStop) {
    const Status status = out && says.reaction != login::Reaction::kStop ? Status::kNeedsCode
                                                                         : Status::kNeedsAttention;
    changes["status"] = status_name(status);
    changes["reason"] = says.cause.en + " " + says.todo.en;
    co_await tell_(account, "mailbox.refused",
                   {{"status", Json::string(std::string(status_name(status)))},
                    {"class", Json::string(says.class_name)},
                    {"said", Json::string(failure.sentence())}});
  } else if (elsewhere && provider != nullptr && provider->servers.size() > 1) {
    const auto now = std::ranges::find(provider->servers, account.servers);
    const auto next = now == provider->servers.end() || now + 1 == provider->servers.end()
                          ? provider->servers.begin()
                          : now + 1;
    changes["smtp"] = next->smtp.text();
    if (next->imap) changes["imap"] = next->imap->text();
    changes["strikes"] = "";
  }
  if (!says.waits.empty()) {
    const auto at = std::min<std::size_t>(static_cast<std::size_t>(strikes), says.waits.size()) - 1;
    changes["not_before"] = std::to_string(to_unix_ms(
        SystemClock().wall() + std::chrono::duration_cast<Millis>(
                                   says.waits[at] * config_->local.engine.pace_time_scale)));
  }
  (void)co_await mailboxes_.set(account.address, std::move(changes));
  log::warning(
      "mailbox-refused",
      {{"mailbox", account.address}, {"class", says.class_name}, {"said", failure.sentence()}});
}

Task<> Orders::answer(const Order& order, const BindReport& report) {
  const std::string request = field(order, "request");
  if (request.empty()) co_return;
  (void)co_await store_.call(std::move(redis::Command("SET")
                                           .arg(store::keys::answer(request))
                                           .arg(to_json(report.json()))
                                           .arg("EX")
                                           .arg(kAnswerSeconds)));
}

}  // namespace hongyan::mailbox
