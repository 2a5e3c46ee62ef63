#include "mailbox/office/office.h"

#include "base/log.h"
#include "base/text.h"
#include "base/time_text.h"
#include "mailbox/office/expiry.h"
#include "mailbox/office/sent_copy.h"
#include "metrics/catalogue.h"
#include "store/events.h"

#include <random>

namespace hongyan::mailbox {
namespace {

using namespace std::chrono_literals;
using async::Task;

constexpr auto kRound = 500ms;
constexpr auto kCountEvery = 15s;
constexpr int kMostAtOnce = 256;  // mailboxes that one engine serves

// New with each start: a lease of an earlier life is somebody else's.
std::string new_name(const std::string& engine) {
  std::random_device device;
  return engine + "#" + std::to_string((std::uint64_t{device()} << 32) | device());
}

smtp::TimeLimits time_limits(const config::SmtpTimeouts& from) {
  smtp::TimeLimits limits;
  limits.connect = from.connect;
  limits.tls = from.tls_handshake;
  // A person waits for a log-in; no provider needs minutes for one.
  limits.greeting = std::min<Millis>(from.greeting, 60s);
  limits.ehlo = limits.auth = limits.mail = limits.rcpt = std::min<Millis>(from.command, 60s);
  limits.data = from.data_start;
  limits.block = from.content_block;
  limits.end_of_data = from.content_end;
  return limits;
}

std::string ehlo_name(const config::Config& config) {
  for (const std::string& source : config.local.sources_here)
    return config.fleet.sources.at(source).ehlo;
  return "localhost.localdomain";
}

}  // namespace

Office::Office(async::Executor executor, Options options, store::JobStore& store)
    : options_(std::move(options)),
      store_(store),
      mailboxes_(store),
      inbox_(store),
      notes_(store),
      suppressions_(store),
      pages_{options_.config->fleet.mailbox.tracking_url, options_.secret},
      desk_(store, options_.config->fleet.mailbox, pages_),
      logins_(executor, {options_.resolver, options_.keys, options_.config, store},
              *options_.explainer,
              {ehlo_name(*options_.config), options_.config->local.smtp.ca_file,
               time_limits(options_.config->local.smtp.timeouts)}),
      orders_(executor, store, options_.config, options_.catalogue, options_.keys, logins_,
              Binder(logins_, *options_.explainer),
              [this](const Account& account, std::string type, std::vector<Json::Member> data) {
                return tell(account, std::move(type), std::move(data));
              }),
      who_(new_name(options_.engine)),
      sync_(executor, reading_tools(), who_),
      postmen_(executor, "postmen") {
  if (const auto& notify = options_.config->fleet.mailbox.notify)
    notices_.emplace(store, *notify, options_.registry,
                     1 / options_.config->local.engine.pace_time_scale);
}

Task<Result<Faults>> Office::take_letter(std::string document) {
  co_return co_await desk_.take(std::move(document));
}

Task<> Office::run(const async::TaskGroup& owner) {
  SteadyTime next_count{};
  postmen_.spawn(sync_.run(postmen_, options_.may_work));
  if (options_.hook) postmen_.spawn(options_.hook->run(postmen_));
  while (!owner.stopping()) {
    co_await async::sleep_for(kRound);
    if (!options_.may_work()) continue;
    if (std::chrono::steady_clock::now() >= next_count) {
      co_await look_at_mailboxes();
      next_count = async::Deadline::in(kCountEvery).at;
    }
    const auto due = co_await mailboxes_.due(to_unix_ms(SystemClock().wall()), kMostAtOnce);
    if (!due) continue;
    for (const std::string& address : *due)
      if (served_.size() < kMostAtOnce && served_.insert(address).second)
        postmen_.spawn(serve(address));
  }
  co_await postmen_.stop();
}

Task<> Office::serve(std::string address) {
  Postman postman(tools(), address, who_);
  co_await postman.run(postmen_);
  served_.erase(address);
}

Postman::Tools Office::tools() {
  return {.store = store_,
          .settings = options_.config->fleet.mailbox,
          .catalogue = *options_.catalogue,
          .pages = pages_,
          .judges = {*options_.explainer, *options_.classifier, {}},
          .logins = logins_,
          .may_send = options_.may_work,
          .time_scale = 1 / options_.config->local.engine.pace_time_scale,
          .keep_copy =
              [this](const Account& account, std::string message, std::string id) {
                postmen_.spawn(keep(account, std::move(message), std::move(id)));
              },
          .tell =
              [this](const Account& account, std::string type, std::vector<Json::Member> data) {
                return tell(account, std::move(type), std::move(data));
              },
          .refused =
              [this](const Account& account, LoginFailure failure) {
                return orders_.login_refused(account, std::move(failure));
              },
          .suppress =
              [this](const Account& account, std::string to, std::string reply) {
                return suppress(account, std::move(to), std::move(reply));
              },
          .count =
              [this](const Account& account, std::string_view outcome) {
                options_.registry.add(
                    metrics::kMailboxLetters,
                    {account.provider.empty() ? "other" : account.provider, std::string(outcome)},
                    1);
              }};
}

InboxReader::Tools Office::reading_tools() {
  return {.store = store_,
          .catalogue = *options_.catalogue,
          .logins = logins_,
          .time_scale = 1 / options_.config->local.engine.pace_time_scale,
          .publish = [this](const Account& account) { return publish(account); },
          .refused =
              [this](const Account& account, LoginFailure failure) {
                return orders_.login_refused(account, std::move(failure));
              }};
}

Task<> Office::publish(Account account) {
  for (;;) {
    const auto news = co_await inbox_.publish(account.address, account.tenant,
                                              options_.config->fleet.retention.events);
    if (!news || news->empty()) co_return;
    for (const store::InboxStore::News& one : *news) {
      if (options_.hook)
        options_.hook->tell(account.address + "-" + std::to_string(one.n), one.type, account.tenant,
                            one.at_ms, parse_json(one.data).value_or(Json()));
      if (one.type == "mailbox.message")
        options_.registry.add(metrics::kMailboxMessages,
                              {account.provider.empty() ? "other" : account.provider}, 1);
    }
  }
}

Task<> Office::tell(const Account& account, std::string type, std::vector<Json::Member> data) {
  data.insert(data.begin(), {"mailbox", Json::string(account.address)});
  const Json json = Json::object(std::move(data));
  const std::string tenant = account.tenant;
  if (options_.hook && (type == "mailbox.refused" || type == "mailbox.stopped"))
    options_.hook->tell(who_ + "-" + std::to_string(++troubles_), type, tenant,
                        to_unix_ms(SystemClock().wall()), json);
  if (!account.notify.empty()) (void)co_await notes_.add(account.address, type, to_json(json));
  (void)co_await store::publish_event(store_, {std::move(type), tenant, "", to_json(json)},
                                      options_.config->fleet.retention.events);
}

Task<> Office::keep(Account account, std::string message, std::string message_id) {
  const Provider* provider = options_.catalogue->by_id(account.provider);
  SentCopy copy{account, SavesSent::kNo, false, std::move(message), std::move(message_id)};
  if (provider != nullptr) {
    copy.provider_does = provider->saves_sent;
    copy.always_identify = provider->needs_imap_id;
  }
  const auto kept = co_await keep_copy(logins_, std::move(copy));
  if (!kept)
    log::warning("sent-copy", {{"mailbox", account.address}, {"error", kept.error().sentence()}});
}

Task<> Office::suppress(const Account& account, std::string address, std::string reply) {
  (void)co_await suppressions_.add(
      account.tenant, {{store::suppressed_address(address), "bounce", "mailbox " + account.address,
                        to_unix_ms(SystemClock().wall())}});
  log::info("letter-bounced",
            {{"mailbox", account.address}, {"to", address}, {"reply", escape_control(reply)}});
}

// Every engine looks; the store knows which warnings were given.
Task<> Office::heed_expiry(Account account, WallTime now) {
  const WallTime expires = *account.expires_at;
  const int stage = static_cast<int>(expiry_at(expires, now));
  if (stage == 0) co_return;
  if (stage > account.expiry_told)
    (void)co_await inbox_.warn(
        account.address, to_unix_ms(expires), stage,
        to_json(Json::object({{"mailbox", Json::string(account.address)},
                              {"expires", Json::string(format_rfc3339(expires).substr(0, 10))},
                              {"days", Json::number(std::to_string(days_left(expires, now)))}})));
  co_await publish(account);
}

// What is counted, whose code ends, and who is to be told.
Task<> Office::look_at_mailboxes() {
  const auto all = co_await mailboxes_.all();
  if (!all) co_return;
  std::map<std::pair<std::string, std::string>, int> counts;
  std::map<std::string, WallTime> ends;  // of the first code of a provider
  const WallTime now = SystemClock().wall();
  for (const std::string& address : *all) {
    const auto fields = co_await mailboxes_.load(address);
    if (!fields) co_return;
    const Account account = read_account(address, *fields);
    const std::string provider = account.provider.empty() ? "other" : account.provider;
    ++counts[{provider, std::string(status_name(account.status))}];
    if (notices_ && account.notes_wait) co_await notices_->send(address);
    if (!account.expires_at) continue;
    const auto [first, is_first] = ends.emplace(provider, *account.expires_at);
    if (!is_first) first->second = std::min(first->second, *account.expires_at);
    co_await heed_expiry(account, now);
  }
  std::vector<metrics::Sample> samples;
  for (const auto& [labels, count] : counts)
    samples.push_back({{labels.first, labels.second}, static_cast<double>(count)});
  options_.registry.replace(metrics::kMailboxes, std::move(samples));
  std::vector<metrics::Sample> times;
  for (const auto& [provider, at] : ends)
    times.push_back({{provider}, std::chrono::duration<double>(at - now).count()});
  options_.registry.replace(metrics::kMailboxCodeExpires, std::move(times));
}

}  // namespace hongyan::mailbox
