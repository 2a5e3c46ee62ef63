#include "mailbox/office/orders.h"

#include "base/log.h"
#include "dns/blocking_lookup.h"
#include "mailbox/catalogue/secret.h"
#include "mailbox/office/bind_order.h"
#include "mailbox/office/settings.h"
#include "mailbox/office/trouble.h"
#include "mailbox/vault/sealed_secret.h"
#include "store/keys.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

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
  return std::string(text_of(order, name));
}

// What a provider that takes no password of any kind would say, before it has to.
bool wants_oauth(const Provider* provider, Auth auth) {
  return provider != nullptr && provider->oauth2 == OAuth2::kOnly && auth == Auth::kPassword;
}

// By the server whose answer decided.
std::string said_last(const BindReport& report) {
  std::string said;
  for (const LoginTrial& trial : report.trials)
    if (trial.result == LoginTrial::Result::kFailed) said = trial.said;
  return said;
}

}  // namespace

Orders::Orders(async::Executor executor, store::JobStore& store,
               std::shared_ptr<const config::Config> config,
               std::shared_ptr<const Catalogue> catalogue,
               std::shared_ptr<const vault::KeyRing> keys, LoginDesk& logins, Binder binder,
               Tell tell)
    : store_(store),
      mailboxes_(store),
      config_(std::move(config)),
      catalogue_(std::move(catalogue)),
      keys_(std::move(keys)),
      logins_(logins),
      binder_(std::move(binder)),
      tell_(std::move(tell)),
      judged_(executor) {}

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
  if (op == "mailbox.verify") co_return co_await verify(*account);
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

// A code becomes a refresh token; in any case the refresh token is used once, to have an access
// token to log in with.
Task<LoginResult<Orders::Secrets>> Orders::sign_in(std::string issuer, oauth::Code code,
                                                   Secret refresh) {
  auto tokens = code.code.empty()
                    ? co_await logins_.tokens().refresh(issuer, Secret::copy_of(refresh.reveal()))
                    : co_await logins_.tokens().exchange(issuer, std::move(code));
  if (!tokens) co_return std::unexpected(tokens.error());
  if (!tokens->refresh.empty()) refresh = std::move(tokens->refresh);
  co_return Secrets{std::move(tokens->access), std::move(refresh), {}};
}

BindReport Orders::not_signed_in(const LoginFailure& failure, const Provider* provider,
                                 bool worked) const {
  BindReport report;
  report.trials.push_back(
      {failure.protocol, failure.server, LoginTrial::Result::kFailed, failure.sentence()});
  report.verdict = binder_.explain(failure, provider, worked);
  return report;
}

Task<BindReport> Orders::set(const Order& order, Account account) {
  auto changes = read_settings(order, config_->fleet.mailbox.notify.has_value());
  if (!changes) co_return refused(changes.error().detail);
  const auto done = co_await mailboxes_.set(account.address, *std::move(changes));
  if (!done) co_return refused("try again: " + done.error().detail);
  BindReport report;
  report.fine = true;
  report.status = status_name(account.status);
  co_return report;
}

// Of OAuth2 what came is exchanged; otherwise it is the secret itself, written as the provider
// wants it.
Task<std::expected<Orders::Secrets, BindReport>> Orders::secrets_of(const Order& order,
                                                                    Account& account,
                                                                    const Provider* provider,
                                                                    Secret came) {
  if (account.auth == Auth::kPassword) {
    NormalisedSecret normal;
    if (provider != nullptr)
      normal = normalise_secret(catalogue_->setup_of(*provider), came.reveal());
    else
      normal.secret = std::move(came);
    Secret login = Secret::copy_of(normal.secret.reveal());
    co_return Secrets{std::move(login), std::move(normal.secret), std::move(normal.warning)};
  }
  if (account.oauth2_at.empty() && provider != nullptr) account.oauth2_at = provider->oauth2_at;
  const auto issuer = config_->fleet.oauth2.find(account.oauth2_at);
  if (issuer == config_->fleet.oauth2.end() || issuer->second.client_id.empty())
    co_return std::unexpected(refused(
        account.oauth2_at.empty()
            ? "it is not known where " + account.address.substr(account.address.rfind('@') + 1) +
                  " signs in: give its [oauth2.NAME] (--oauth2-at NAME)"
            : "Hongyan is not registered there: [oauth2." + account.oauth2_at +
                  "] client_id is not set in the configuration"));
  oauth::Code code;
  if (grants_code(order)) {
    auto read = read_code(came);
    if (!read) co_return std::unexpected(refused(read.error().detail));
    code = *std::move(read);
    came = {};
  }
  auto secrets = co_await sign_in(account.oauth2_at, std::move(code), std::move(came));
  if (!secrets) co_return std::unexpected(not_signed_in(secrets.error(), provider, false));
  if (secrets->kept.empty())
    co_return std::unexpected(
        refused("the provider gave no refresh token: take the consent away at the provider and "
                "sign in again"));
  co_return *std::move(secrets);
}

Task<BindReport> Orders::bind(const Order& order, Address address, std::string label) {
  auto ordered = read_account_order(order, address);
  if (!ordered) co_return refused(ordered.error().detail);
  Account account = *std::move(ordered);
  account.label = std::move(label);
  auto came =
      vault::open_secret(*keys_, {account.tenant, account.address}, text_of(order, "secret"));
  if (!came)
    co_return refused("`secret`: " + came.error().detail +
                      " (hongyan vault public-key, hongyan vault seal)");
  const Recognised recognised = co_await recognise(address);
  auto candidates = choose_candidates(order, recognised, address.domain);
  if (!candidates) co_return refused(candidates.error().detail);
  const Provider* provider = recognised.provider;
  if (wants_oauth(provider, account.auth))
    co_return refused(provider->name.en + " takes neither password nor code: sign in with OAuth2");
  account.provider = provider == nullptr ? "" : provider->id;
  account.imap_user =
      user_name(provider == nullptr ? UserName::kAddress : provider->imap_user, address);
  auto secrets = co_await secrets_of(order, account, provider, *std::move(came));
  BindReport report =
      secrets ? co_await binder_.try_logins({provider, *std::move(candidates), account.imap_user,
                                             account.smtp_user, account.auth, secrets->login})
              : std::move(secrets.error());
  if (secrets) report.warning = secrets->warning;
  // A mailbox that works goes on with what it has.
  if (!report.fine && report.verdict)
    co_await tell_(account, "mailbox.bind-failed",
                   {{"class", Json::string(report.verdict->says.class_name)},
                    {"said", Json::string(said_last(report))}});
  if (!report.fine) co_return report;
  account.servers = report.servers;
  account.secret = vault::seal_record(*keys_, {account.address}, secrets->kept);
  account.status = Status::kNormal;
  report.status = status_name(account.status);
  if (auto bound = co_await mailboxes_.bind(account.address, fields_of(account)); !bound) {
    report.fine = false;
    report.refusal = "the log-ins were good, but it could not be stored: " + bound.error().detail;
    co_return report;
  }
  // What waited for the new secret goes on.
  (void)co_await mailboxes_.wake_at(account.address, to_unix_ms(SystemClock().wall()));
  co_await tell_(account, "mailbox.bound", {{"provider", Json::string(account.provider)}});
  co_return report;
}

Task<BindReport> Orders::verify(Account account) {
  const Provider* provider = catalogue_->by_id(account.provider);
  const auto secret = co_await logins_.open_secret(account);
  if (!secret && secret.error().code.starts_with("vault-")) co_return refused(secret.error().text);
  BindReport report =
      secret ? co_await binder_.try_logins({provider,
                                            {{account.servers, Origin::kCatalogue, false}},
                                            account.imap_user,
                                            account.smtp_user,
                                            account.auth,
                                            *secret,
                                            true})
             : not_signed_in(secret.error(), provider, true);
  // What was refused is not handed out again.
  if (secret && !report.fine) logins_.tokens().refused(account.address, *secret);
  Fields changes = forget_strikes();
  changes.insert(
      {{"status", std::string(status_name(Status::kNormal))}, {"reason", ""}, {"not_before", ""}});
  if (report.fine) {
    // Who verifies has looked at the addresses: the count of bad ones begins anew.
    if (account.status == Status::kStopped) changes.insert({{"answers", ""}, {"bad", ""}});
  } else {
    const Status status = status_after(report.verdict->says);
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
  const login::Conclusion says = binder_.explain(failure, provider, true).says;
  // One after the other, each on what the one before left: SMTP and IMAP are often refused
  // together.
  while (judging_.contains(account.address)) co_await judged_.wait();
  judging_.insert(account.address);
  const auto known = co_await load(account.address);
  const Account& now = known ? *known : account;
  const Trouble trouble = judge_trouble(now, failure, says, provider, SystemClock().wall(),
                                        config_->local.engine.pace_time_scale);
  if (trouble.status && *trouble.status != now.status)
    co_await tell_(account, "mailbox.refused",
                   {{"status", Json::string(std::string(status_name(*trouble.status)))},
                    {"class", Json::string(says.class_name)},
                    {"said", Json::string(failure.sentence())}});
  (void)co_await mailboxes_.set(account.address, trouble.changes);
  judging_.erase(account.address);
  judged_.notify_all();
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
