#pragma once

#include "base/async/event.h"
#include "base/random.h"
#include "dns/cache.h"
#include "dns/channel.h"
#include "dns/static_routes.h"
#include "dns/sts_fetcher.h"

#include <deque>
#include <map>
#include <optional>
#include <unordered_map>

namespace hongyan::dns {

struct ResolverOptions {
  Channel::Options channel;
  PeerFilter peers;
  ProviderIndex providers;
  std::vector<StaticRoute> static_routes;
  std::uint16_t port = 25;  // of routes that are not static
  // The servers validate and the way to them is trusted: DANE (RFC 7672) holds.
  bool trust_ad = false;
  bool ipv4 = true;
  bool ipv6 = true;
  bool sts = false;  // MTA-STS (RFC 8461) holds
  // Routes are marked so: neither of the two holds, on purpose.
  bool lenient = false;
  std::uint16_t sts_port = 443;
  std::string ca_file;  // for policy hosts; empty: the system's
  TtlBounds ttl;
  std::size_t cached_routes = 100'000;
  std::size_t cached_answers = 50'000;
  std::size_t max_questions = 128;  // on the wire at once; more wait their turn
};

// Since the start, but for the two levels.
struct ResolverStats {
  std::uint64_t route_hits = 0;  // answered from the cache of routes
  std::uint64_t route_misses = 0;
  std::uint64_t permanent = 0;  // routes that ended in a permanent error
  std::uint64_t temporary = 0;
  std::uint64_t answer_hits = 0;  // questions answered from the cache of answers
  std::uint64_t joined = 0;       // questions that joined one on its way
  std::uint64_t questions = 0;    // sent
  std::uint64_t failures = 0;     // without usable answer, malformed ones and time-outs included
  std::uint64_t timeouts = 0;
  std::uint64_t malformed = 0;
  std::uint64_t latency_us = 0;  // sum over questions sent and answered
  std::uint64_t latency_max_us = 0;
  std::size_t in_flight = 0;  // level
  std::size_t waiting = 0;    // level
};

// Finds the route of a domain: MX, addresses, provider. Answers and routes are cached, positive and
// negative, within the bounds of their TTLs; one question per name and type is on its way at once.
//
// Owner: a worker. Thread: the executor's only.
// Errors: is_permanent() tells bad-domain from try-later; see mx.h and channel.h for the codes.
//   Codes of its own: "bad-name" (permanent; U-labels and address literals are no names here).
// Cancel: a cancelled route() returns "dns-cancelled"; the question goes on for others. Tasks that
//   wait in route() must have ended before the resolver is destroyed.
class Resolver {
 public:
  using Found = Result<RoutePtr>;

  // Errors: "bad-dns-server", "bad-static-route", "dns-library", "tls-setup".
  static Result<std::unique_ptr<Resolver>> create(async::Executor executor,
                                                  ResolverOptions options);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // What is known now, without waiting: static routes to addresses and unexpired cache entries.
  std::optional<Found> find_route(std::string_view domain, SteadyTime now);
  async::Task<Found> route(std::string domain);
  // The addresses of a host that somebody named, not by MX: a name, or an address in digits. The
  // filter of peers holds for it. Errors: as place_addresses().
  async::Task<Result<std::vector<IpAddress>>> addresses_of(std::string host);

  // Whether the domain publishes an MTA-STS policy that is not known here yet. Until learn_policy()
  // has fetched it the domain counts as one without: nothing waits for a web server.
  bool lacks_policy(std::string_view domain) const { return to_learn_.contains(domain); }
  // One fetch per domain at a time; a failure is not repeated for five minutes. The caller's group
  // must have ended it before the resolver is destroyed. Errors: those of StsFetcher.
  async::Task<Result<void>> learn_policy(std::string domain);

  const ResolverStats& stats() const { return stats_; }

 private:
  struct Flight;
  using FlightPtr = std::shared_ptr<Flight>;
  // A finding, and until when it may be believed.
  template <class T>
  struct Dated {
    Result<T> value;
    SteadyTime expires;
  };

  Resolver(async::Executor executor, ResolverOptions options, std::unique_ptr<Channel> channel);
  FlightPtr begin(const std::string& name, Type type);
  void launch(const FlightPtr& flight);
  void landed(const FlightPtr& flight, Result<std::span<const std::uint8_t>> bytes);
  void finish(const FlightPtr& flight, Result<Answer> answer);
  void launch_waiting();
  async::Task<bool> wait(FlightPtr flight);

  async::Task<Dated<std::vector<MxHost>>> ask_addresses(MxPlan plan, std::string domain);
  // Hosts in signed zones learn what their TLSA records demand. One whose records cannot be had is
  // left out; when no host is left: "tlsa-unresolved".
  async::Task<Dated<std::vector<MxHost>>> ask_tlsa(Dated<std::vector<MxHost>> hosts);
  // The policy that holds for the domain now; null: none. Notes in to_learn_ when it is outdated.
  async::Task<std::shared_ptr<const StsPolicy>> ask_policy(std::string domain, FlightPtr flight);
  async::Task<Dated<RoutePtr>> resolve(std::string domain);
  async::Task<Dated<RoutePtr>> resolve_static(StaticRoute entry);
  std::string provider_of(const MxPlan& plan, const std::vector<MxHost>& hosts, bool& named) const;

  async::Executor executor_;
  ResolverOptions options_;
  StaticRoutes static_routes_;
  ResolverStats stats_;
  Cache<Found> routes_;
  Cache<Result<Answer>> answers_;
  struct KnownPolicy {
    std::string id;  // in the DNS when it was fetched
    std::shared_ptr<const StsPolicy> policy;
  };
  Cache<KnownPolicy> policies_;                               // for max_age
  Cache<std::string> failed_policies_;                        // ids that could not be fetched
  std::map<std::string, std::string, std::less<>> to_learn_;  // domain to id
  std::unique_ptr<StsFetcher> fetcher_;
  std::unordered_map<std::string, FlightPtr> flights_;  // by answer key; on the wire or waiting
  std::deque<FlightPtr> waiting_;
  bool launching_ = false;
  bool closing_ = false;
  std::unique_ptr<Channel> channel_;  // last: its destructor calls back
};

}  // namespace hongyan::dns
