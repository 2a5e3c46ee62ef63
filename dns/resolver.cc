#include "dns/resolver.h"

#include "base/log.h"
#include "base/text.h"

#include <algorithm>
#include <stdexcept>

namespace hongyan::dns {
namespace {

using std::chrono::steady_clock;

std::string key_of(const std::string& name, Type type) {
  return name + " " + std::string(type_name(type));
}

// RFC 8461 3.3 asks for a pause before the next try.
constexpr std::chrono::minutes kStsPause{5};

std::unexpected<Error> cancelled() {
  return fail(Scope::kProcess, "dns-cancelled", "DNS question was cancelled");
}

}  // namespace

// One question on its way and those who wait for it. Also made, already landed, for a cached
// answer.
struct Resolver::Flight {
  Flight(async::Executor executor, std::string n, Type t)
      : name(std::move(n)), asked(name), type(t), done(executor) {}
  std::string name;   // as the cache knows it
  std::string asked;  // name, or where its CNAME chain had got to
  Type type;
  int hops = 0;
  std::optional<std::uint32_t> chain_ttl;
  SteadyTime sent{};
  std::optional<Result<Answer>> answer;
  SteadyTime expires{};
  async::Event done;
};

Result<std::unique_ptr<Resolver>> Resolver::create(async::Executor executor,
                                                   ResolverOptions options) {
  const auto faults = StaticRoutes::check(options.static_routes, options.peers);
  if (!faults.empty()) {
    std::string all;
    for (const std::string& fault : faults) all += (all.empty() ? "" : "; ") + fault;
    return fail(Scope::kProcess, "bad-static-route", all);
  }
  auto channel = Channel::open(executor, options.channel);
  if (!channel) return std::unexpected(channel.error());
  std::unique_ptr<StsFetcher> fetcher;
  try {
    if (options.sts) fetcher = std::make_unique<StsFetcher>(options.ca_file, options.sts_port);
  } catch (const std::runtime_error& e) {
    return fail(Scope::kProcess, "tls-setup", e.what());
  }
  std::unique_ptr<Resolver> resolver(
      new Resolver(executor, std::move(options), *std::move(channel)));
  resolver->fetcher_ = std::move(fetcher);
  return resolver;
}

Resolver::Resolver(async::Executor executor, ResolverOptions options,
                   std::unique_ptr<Channel> channel)
    : executor_(executor),
      options_(std::move(options)),
      static_routes_(std::move(options_.static_routes)),
      routes_(options_.cached_routes),
      answers_(options_.cached_answers),
      policies_(options_.cached_answers),
      failed_policies_(options_.cached_answers),
      channel_(std::move(channel)) {}

Resolver::~Resolver() {
  closing_ = true;
  channel_.reset();
}

std::optional<Resolver::Found> Resolver::find_route(std::string_view domain, SteadyTime now) {
  const auto name = normalise_name(domain);
  if (!name)
    return fail(Scope::kDelivery, "bad-name",
                "`" + escape_control(domain) + "` is no domain name in A-labels");
  if (const StaticRoute* entry = static_routes_.find(*name)) {
    if (const auto address = IpAddress::parse(entry->host)) {
      ++stats_.route_hits;
      return make_static_route(*entry, {*address}, options_.providers, now + options_.ttl.most);
    }
  }
  const Found* found = routes_.find(*name, now);
  if (found == nullptr) return std::nullopt;
  ++stats_.route_hits;
  return *found;
}

async::Task<Resolver::Found> Resolver::route(std::string domain) {
  if (auto known = find_route(domain, steady_clock::now())) co_return *std::move(known);
  ++stats_.route_misses;
  const std::string name = normalise_name(domain).value();
  const StaticRoute* entry = static_routes_.find(name);
  auto found = entry ? co_await resolve_static(*entry) : co_await resolve(name);
  if (!found.value) {
    if (found.value.error().code == "dns-cancelled") co_return std::move(found.value);
    ++(is_permanent(found.value.error()) ? stats_.permanent : stats_.temporary);
  }
  routes_.put(name, found.value, found.expires);
  co_return std::move(found.value);
}

async::Task<Result<std::vector<IpAddress>>> Resolver::addresses_of(std::string host) {
  if (const auto address = IpAddress::parse(host)) {
    if (const auto why = options_.peers.refuses(*address))
      co_return fail(Scope::kHost, "forbidden-address",
                     host + " is refused (" + std::string(*why) + "); allow_networks can allow it");
    co_return std::vector<IpAddress>{*address};
  }
  auto name = normalise_name(host);
  if (!name) co_return fail(Scope::kHost, "bad-name", "`" + escape_control(host) + "` is no host");
  auto found = co_await ask_addresses({{{*name, 0, {}}}, true}, *name);
  if (!found.value) co_return std::unexpected(found.value.error());
  co_return std::move(found.value->front().addresses);
}

async::Task<Resolver::Dated<RoutePtr>> Resolver::resolve(std::string domain) {
  const FlightPtr flight = begin(domain, Type::kMx);
  const FlightPtr sts = options_.sts ? begin("_mta-sts." + domain, Type::kTxt) : nullptr;
  if (!co_await wait(flight)) co_return Dated<RoutePtr>{cancelled(), {}};
  const auto failed = [&](const Error& error, SteadyTime expires) {
    return Dated<RoutePtr>{std::unexpected(error), expires};
  };
  if (!*flight->answer) co_return failed(flight->answer->error(), flight->expires);
  auto plan = plan_mx(**flight->answer, domain);
  if (!plan) co_return failed(plan.error(), flight->expires);

  auto hosts = co_await ask_addresses(*plan, domain);
  // RFC 7672 2.2.1: behind an MX set that nobody signed TLSA records protect nothing.
  if (options_.trust_ad && (*flight->answer)->authentic && hosts.value)
    hosts = co_await ask_tlsa(std::move(hosts));
  SteadyTime expires = std::min(flight->expires, hosts.expires);
  if (!hosts.value) co_return failed(hosts.value.error(), expires);
  auto route = std::make_shared<Route>();
  if (sts) {
    const std::shared_ptr<const StsPolicy> policy = co_await ask_policy(domain, sts);
    route->sts = policy;
    if (!sts->answer) co_return Dated<RoutePtr>{cancelled(), {}};
    expires = std::min(expires, sts->expires);
    route->sts_enforced = policy != nullptr && policy->mode == StsPolicy::Mode::kEnforce;
    // What DANE demands of a host is stronger, and not to be overruled (RFC 8461 2).
    if (route->sts_enforced)
      std::erase_if(*hosts.value, [policy](const MxHost& host) {
        return host.dane.demand != Dane::Demand::kAuthentication &&
               !is_sts_host(*policy, host.name);
      });
    if (hosts.value->empty())
      co_return Dated<RoutePtr>{fail(Scope::kHost, "sts-no-host",
                                     "no mail host of `" + domain + "` is in its MTA-STS policy"),
                                expires};
  }
  route->provider = provider_of(*plan, *hosts.value, route->named);
  route->lenient = options_.lenient;
  route->port = options_.port;
  route->hosts = *std::move(hosts.value);
  route->expires = expires;
  co_return Dated<RoutePtr>{std::move(route), expires};
}

async::Task<Resolver::Dated<RoutePtr>> Resolver::resolve_static(StaticRoute entry) {
  MxPlan plan{{{normalise_name(entry.host).value_or(entry.host), 0, {}}}, true};
  auto hosts = co_await ask_addresses(std::move(plan), entry.host);
  if (hosts.value)
    co_return Dated<RoutePtr>{
        make_static_route(entry, hosts.value->front().addresses, options_.providers, hosts.expires),
        hosts.expires};
  const Error& error = hosts.value.error();
  if (error.code == "dns-cancelled") co_return Dated<RoutePtr>{std::unexpected(error), {}};
  // The operator's own relay is missing: no recipient's domain is to blame for that.
  co_return Dated<RoutePtr>{fail(Scope::kLane, "static-route-unresolved",
                                 "route `" + entry.domain_or_suffix + "`: " + error.detail),
                            std::min(hosts.expires, steady_clock::now() + options_.ttl.failure)};
}

// All questions are sent before the first is waited for.
async::Task<Resolver::Dated<std::vector<MxHost>>> Resolver::ask_addresses(MxPlan plan,
                                                                          std::string domain) {
  using Hosts = Dated<std::vector<MxHost>>;
  std::vector<std::vector<FlightPtr>> asked;
  for (const MxHost& host : plan.hosts) {
    std::vector<FlightPtr>& flights = asked.emplace_back();
    if (options_.ipv4) flights.push_back(begin(host.name, Type::kA));
    if (options_.ipv6) flights.push_back(begin(host.name, Type::kAaaa));
  }
  SteadyTime expires = steady_clock::now() + options_.ttl.most;
  std::vector<HostAddresses> found;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    HostAddresses& host = found.emplace_back();
    bool authentic = true;  // of every answer that brought addresses
    std::string base;
    for (const FlightPtr& flight : asked[i]) {
      if (!co_await wait(flight)) co_return Hosts{cancelled(), {}};
      expires = std::min(expires, flight->expires);
      const Result<Answer>& answer = *flight->answer;
      const Rcode rcode = answer ? answer->rcode : Rcode::kServFail;
      host.failed |= rcode != Rcode::kNoError && rcode != Rcode::kNxDomain;
      host.nxdomain |= rcode == Rcode::kNxDomain;
      if (!answer || answer->addresses.empty()) continue;
      std::ranges::copy(answer->addresses, std::back_inserter(host.addresses));
      authentic &= answer->authentic;
      base = answer->canonical;
    }
    if (authentic) plan.hosts[i].dane.base = std::move(base);
  }
  co_return Hosts{place_addresses(std::move(plan), std::move(found), options_.peers, domain),
                  expires};
}

async::Task<Resolver::Dated<std::vector<MxHost>>> Resolver::ask_tlsa(
    Dated<std::vector<MxHost>> hosts) {
  using Hosts = Dated<std::vector<MxHost>>;
  // RFC 7672 2.2.2: where the chain of aliases ended, then the name itself.
  std::vector<std::vector<std::pair<std::string, FlightPtr>>> asked;
  for (const MxHost& host : *hosts.value) {
    auto& flights = asked.emplace_back();
    const std::string& base = host.dane.base;
    if (base.empty()) continue;
    flights.emplace_back(base, begin(tlsa_name(base, options_.port), Type::kTlsa));
    if (base != host.name)
      flights.emplace_back(host.name, begin(tlsa_name(host.name, options_.port), Type::kTlsa));
  }
  std::vector<MxHost> usable;
  std::optional<Error> unresolved;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    Result<Dane> dane = Dane{};
    for (const auto& [base, flight] : asked[i]) {
      if (!co_await wait(flight)) co_return Hosts{cancelled(), {}};
      hosts.expires = std::min(hosts.expires, flight->expires);
      dane = read_dane(*flight->answer, base);
      if (!dane || dane->demand != Dane::Demand::kNothing) break;
    }
    if (!dane) {
      unresolved = dane.error();
      continue;
    }
    MxHost& host = (*hosts.value)[i];
    host.dane = *std::move(dane);
    usable.push_back(std::move(host));
  }
  if (usable.empty()) co_return Hosts{std::unexpected(*unresolved), hosts.expires};
  hosts.value = std::move(usable);
  co_return hosts;
}

async::Task<std::shared_ptr<const StsPolicy>> Resolver::ask_policy(std::string domain,
                                                                   FlightPtr flight) {
  co_await wait(flight);
  const SteadyTime now = steady_clock::now();
  const KnownPolicy* known = policies_.find(domain, now);
  // A policy outlives its record: whoever suppresses the answer must gain nothing (RFC 8461 5.1).
  if (flight->answer && *flight->answer) {
    const auto id = find_sts_id((*flight->answer)->texts);
    const std::string* failed = failed_policies_.find(domain, now);
    if (id && (known == nullptr || known->id != *id) && (failed == nullptr || *failed != *id))
      to_learn_.insert_or_assign(domain, *id);
  }
  co_return known == nullptr ? nullptr : known->policy;
}

async::Task<Result<void>> Resolver::learn_policy(std::string domain) {
  const auto wanted = to_learn_.extract(domain);
  const auto name = normalise_name("mta-sts." + domain);
  if (!wanted || !name) co_return Result<void>{};
  std::vector<FlightPtr> flights;
  if (options_.ipv4) flights.push_back(begin(*name, Type::kA));
  if (options_.ipv6) flights.push_back(begin(*name, Type::kAaaa));
  std::vector<IpAddress> addresses;
  for (const FlightPtr& flight : flights) {
    if (!co_await wait(flight)) co_return Result<void>{};
    if (!*flight->answer) continue;
    for (const IpAddress& address : (*flight->answer)->addresses)
      if (!options_.peers.refuses(address)) addresses.push_back(address);
  }
  Result<StsPolicy> policy = fail(Scope::kHost, "sts-unreachable", *name + " has no address");
  if (!addresses.empty()) policy = co_await fetcher_->fetch(domain, std::move(addresses));
  const SteadyTime now = steady_clock::now();
  if (!policy) {
    failed_policies_.put(domain, wanted.mapped(), now + kStsPause);
    log::warning("mta-sts-failed", {{"domain", domain}, {"why", policy.error().detail}});
    co_return std::unexpected(policy.error());
  }
  log::info("mta-sts-policy", {{"domain", domain},
                               {"id", wanted.mapped()},
                               {"enforced", policy->mode == StsPolicy::Mode::kEnforce ? 1 : 0}});
  const SteadyTime until = now + policy->max_age;
  policies_.put(domain, {wanted.mapped(), std::make_shared<const StsPolicy>(*std::move(policy))},
                until);
  routes_.put(domain, fail(Scope::kProcess, "dns-cancelled", ""), now);  // found anew from now on
  co_return Result<void>{};
}

std::string Resolver::provider_of(const MxPlan& plan, const std::vector<MxHost>& hosts,
                                  bool& named) const {
  named = false;
  if (plan.implicit) return provider_of_addresses(hosts.front().addresses);
  // From the MX set as published, not from what resolved today: the name must be stable.
  std::vector<std::string> best;
  for (const MxHost& host : plan.hosts)
    if (host.preference == plan.hosts.front().preference) best.push_back(host.name);
  std::string provider = options_.providers.of_hosts(best);
  named = options_.providers.named(best.front()) == provider;
  return provider;
}

Resolver::FlightPtr Resolver::begin(const std::string& name, Type type) {
  const std::string key = key_of(name, type);
  if (const auto at = flights_.find(key); at != flights_.end()) {
    ++stats_.joined;
    return at->second;
  }
  auto flight = std::make_shared<Flight>(executor_, name, type);
  SteadyTime expires{};
  if (const auto* known = answers_.find(key, steady_clock::now(), &expires)) {
    ++stats_.answer_hits;
    flight->answer = *known;
    flight->expires = expires;
    return flight;
  }
  flights_.emplace(key, flight);
  if (stats_.in_flight < options_.max_questions) {
    launch(flight);
  } else {
    waiting_.push_back(flight);
    stats_.waiting = waiting_.size();
  }
  return flight;
}

void Resolver::launch(const FlightPtr& flight) {
  ++stats_.in_flight;
  ++stats_.questions;
  flight->sent = steady_clock::now();
  channel_->ask(flight->asked, flight->type,
                [this, flight](auto bytes) { landed(flight, std::move(bytes)); });
}

void Resolver::landed(const FlightPtr& flight, Result<std::span<const std::uint8_t>> bytes) {
  --stats_.in_flight;
  const auto took = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - flight->sent)
          .count());
  if (!bytes) {
    ++stats_.failures;
    if (bytes.error().code == "dns-timeout") ++stats_.timeouts;
    bytes.error().detail += " (" + key_of(flight->asked, flight->type) + ")";
    return finish(flight, std::unexpected(bytes.error()));
  }
  stats_.latency_us += took;
  stats_.latency_max_us = std::max(stats_.latency_max_us, took);
  auto answer = parse_answer(*bytes, flight->asked, flight->type);
  if (!answer) {
    ++stats_.failures;
    ++stats_.malformed;
    answer.error().detail += " (" + key_of(flight->asked, flight->type) + ")";
    return finish(flight, std::move(answer));
  }
  if (answer->rcode != Rcode::kNoError && answer->rcode != Rcode::kNxDomain) ++stats_.failures;
  if (flight->chain_ttl) answer->ttl = std::min(answer->ttl.value_or(~0U), *flight->chain_ttl);
  // A server that does not recurse stops at the border of its zone.
  const bool unfinished = answer->rcode == Rcode::kNoError && !answer->has_records() &&
                          answer->canonical != flight->asked && !answer->ttl;
  if (unfinished && !closing_ && normalise_name(answer->canonical)) {
    if (++flight->hops > kMaxChain)
      return finish(flight, fail(Scope::kHost, "dns-malformed", "CNAME chain without an end"));
    flight->asked = answer->canonical;
    return launch(flight);
  }
  finish(flight, std::move(answer));
}

void Resolver::finish(const FlightPtr& flight, Result<Answer> answer) {
  const auto life = answer ? lifetime(*answer, options_.ttl) : options_.ttl.failure;
  flight->expires = steady_clock::now() + life;
  flight->answer = std::move(answer);
  const std::string key = key_of(flight->name, flight->type);
  flights_.erase(key);
  flight->done.notify_all();
  if (closing_) return;
  answers_.put(key, *flight->answer, flight->expires);
  launch_waiting();
}

void Resolver::launch_waiting() {
  // A question may fail before launch() returns (no descriptors left) and lead back here: one loop
  // takes them all, instead of a stack frame each.
  if (launching_) return;
  launching_ = true;
  while (!waiting_.empty() && stats_.in_flight < options_.max_questions) {
    const FlightPtr next = std::move(waiting_.front());
    waiting_.pop_front();
    stats_.waiting = waiting_.size();
    launch(next);
  }
  launching_ = false;
}

// False: this task was cancelled.
async::Task<bool> Resolver::wait(FlightPtr flight) {
  while (!flight->answer) {
    co_await flight->done.wait();
    const auto state = co_await async::net::this_coro::cancellation_state;
    if (state.cancelled() != async::net::cancellation_type::none)
      co_return flight->answer.has_value();
  }
  co_return true;
}

}  // namespace hongyan::dns
