#include "engine/core/tls_reports.h"

#include "base/address.h"
#include "base/log.h"
#include "dns/ask.h"
#include "engine/core/routing.h"
#include "engine/tlsrpt/mail.h"
#include "store/keys.h"

namespace hongyan::engine {
namespace {

using namespace std::chrono_literals;
using redis::Command;
using Turn = store::TlsSessions::Turn;

constexpr auto kRound = 5s;
constexpr auto kAgain = 5min;  // after a failure
// Workers hand over what they have counted every 5 s.
constexpr auto kUntilAllIsCounted = 1min;

constexpr std::size_t kMaxAnswer = 65536;

void tell_kept(const std::string& day, const std::string& why) {
  log::warning("tls-reports-kept", {{"day", day}, {"why", why}});
}

}  // namespace

TlsReports::TlsReports(async::Executor executor, Options options, store::JobStore& store)
    : executor_(executor),
      options_(std::move(options)),
      store_(store),
      sessions_(store),
      settings_(options_.config->fleet.tls_rpt.value()),
      ways_(resolver_options(*options_.config)),
      client_(ways_.ca_file, kMaxAnswer) {}

async::Task<> TlsReports::run(const async::TaskGroup& owner) {
  const SystemClock clock;
  std::string day;
  WallTime next;
  bool done = false;
  while (!owner.stopping()) {
    co_await async::sleep_for(kRound);
    const WallTime now = clock.wall();
    if (std::string over = tlsrpt::utc_day(now - 24h); over != day) {
      day = std::move(over);
      next = std::chrono::floor<std::chrono::days>(now) + kUntilAllIsCounted + some_delay();
      done = false;
    }
    if (done || now < next || !options_.may_take()) continue;
    const auto turn = co_await sessions_.take_turn(day, options_.engine);
    if (!turn || *turn == Turn::kOthers) continue;
    done = *turn == Turn::kDone || co_await send_day(day);
    if (!done) next = clock.wall() + kAgain;
  }
}

// Not when everybody sends theirs (RFC 8460 4.1).
Millis TlsReports::some_delay() {
  return Millis(std::uniform_int_distribution<Millis::rep>(0, settings_.spread.count())(random_));
}

async::Task<bool> TlsReports::send_day(std::string day) {
  const auto fields = co_await sessions_.load(day);
  if (!fields) co_return false;
  auto dns = dns::Channel::open(executor_, ways_.channel);
  if (!dns) {
    tell_kept(day, dns.error().detail);
    co_return false;
  }
  dns_ = *std::move(dns);
  const tlsrpt::Reporter reporter{settings_.organization, settings_.contact, day};
  const tlsrpt::DayReport counted = tlsrpt::read_day(*fields);
  std::size_t mailed = 0, posted = 0, unknown = 0;
  for (const tlsrpt::DomainReport& report : counted.domains) {
    const auto turn = co_await sessions_.take_turn(day, options_.engine);
    if (!turn || *turn != Turn::kMine || !options_.may_take()) co_return false;
    const auto wanted = co_await ask_wanted(report.domain);
    if (!wanted) {
      ++unknown;
      continue;
    }
    if (!wanted->addresses.empty()) {
      const auto submitted = co_await submit(reporter, report, wanted->addresses);
      if (!submitted) co_return false;
      mailed += *submitted ? 1 : 0;
    }
    for (const tlsrpt::HttpsPlace& place : wanted->places) {
      const auto taken = co_await post(place, tlsrpt::pack(reporter, report));
      posted += taken ? 1 : 0;
      if (!taken)
        log::warning("tls-report-lost", {{"domain", report.domain}, {"why", taken.error().detail}});
    }
  }
  if (unknown > 0 && unknown == counted.domains.size()) {
    tell_kept(day, "no name server said who wants them");
    co_return false;
  }
  if (!co_await sessions_.finish(day)) co_return false;
  log::info("tls-reports-sent", {{"day", day},
                                 {"domains", counted.domains.size()},
                                 {"mailed", mailed},
                                 {"posted", posted},
                                 {"unknown", unknown}});
  co_return true;
}

async::Task<Result<TlsReports::Wanted>> TlsReports::ask_wanted(std::string domain) {
  Wanted wanted;
  if (!parse_domain(domain)) co_return wanted;  // the store is not to be trusted with names
  const auto answer = co_await dns::ask(*dns_, tlsrpt::record_name(domain), dns::Type::kTxt);
  if (!answer) co_return std::unexpected(answer.error());
  if (answer->rcode != dns::Rcode::kNoError && answer->rcode != dns::Rcode::kNxDomain)
    co_return fail(Scope::kHost, "servfail", "the name servers of " + domain + " failed");
  for (const std::string& uri : tlsrpt::find_rua(answer->texts)) {
    if (auto address = tlsrpt::read_mailto(uri)) wanted.addresses.push_back(*std::move(address));
    if (auto place = tlsrpt::read_https(uri)) wanted.places.push_back(*std::move(place));
  }
  co_return wanted;
}

async::Task<Result<bool>> TlsReports::submit(tlsrpt::Reporter reporter, tlsrpt::DomainReport report,
                                             std::vector<std::string> addresses) {
  const std::string id = tlsrpt::job_id(reporter, report.domain);
  const auto there = co_await store_.call(std::move(Command("EXISTS").arg(store::keys::job(id))));
  if (!there) co_return std::unexpected(there.error());
  if (there->integer() > 0) co_return false;
  const std::string document =
      to_json(tlsrpt::to_job(reporter, {settings_.tenant, settings_.channel}, report, addresses));
  const auto added = co_await store_.call(
      std::move(Command("XADD").arg(store::keys::kJobs).arg("*").arg("job").arg(document)));
  if (!added) co_return std::unexpected(added.error());
  co_return true;
}

async::Task<Result<void>> TlsReports::post(tlsrpt::HttpsPlace place, std::string packed) {
  std::vector<IpAddress> addresses;
  for (const dns::Type type : {dns::Type::kA, dns::Type::kAaaa}) {
    const auto answer = co_await dns::ask(*dns_, place.host, type);
    if (!answer) continue;
    for (const IpAddress& address : answer->addresses)
      if (!ways_.peers.refuses(address)) addresses.push_back(address);
  }
  if (addresses.empty())
    co_return fail(Scope::kHost, "http-unreachable", place.host + " has no address");
  const auto answer =
      co_await client_.ask({place.host, place.port, std::move(addresses), place.target,
                            std::move(packed), "application/tlsrpt+gzip"});
  if (!answer) co_return std::unexpected(answer.error());
  if (answer->status / 100 != 2)
    co_return fail(Scope::kHost, "http-answer",
                   place.host + ": status " + std::to_string(answer->status));
  co_return Result<void>{};
}

}  // namespace hongyan::engine
