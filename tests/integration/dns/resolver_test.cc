// The resolver against a real name server with zones of ours.
#include "dns/resolver.h"

#include "base/async/task_group.h"
#include "tests/integration/dns/zones.h"
#include "tests/support/knot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <fcntl.h>
#include <filesystem>
#include <set>
#include <thread>
#include <unistd.h>

namespace hongyan::dns {
namespace {

using test::KnotServer;
using test::SilentServer;
using namespace std::chrono_literals;

class ResolverTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { knot_ = new KnotServer(zones()); }
  static void TearDownTestSuite() {
    delete knot_;
    knot_ = nullptr;
  }

  ResolverOptions options() const {
    ResolverOptions out;
    out.channel.servers = {knot_->address()};
    out.channel.timeout = 2000ms;
    const ProviderPattern google{"google", {".google.test"}};
    out.providers = ProviderIndex(std::span(&google, 1));
    return out;
  }

  void open(ResolverOptions with) {
    resolver_.reset();
    auto made = Resolver::create(io_.get_executor(), std::move(with));
    ASSERT_TRUE(made) << made.error().detail;
    resolver_ = *std::move(made);
  }

  std::vector<Resolver::Found> routes(std::vector<std::string> domains) {
    std::vector<Resolver::Found> out(domains.size());
    async::TaskGroup group(io_.get_executor(), "test");
    for (std::size_t i = 0; i < domains.size(); ++i) group.spawn(ask(domains[i], &out[i]));
    io_.restart();
    while (group.size() > 0) io_.run_one();
    return out;
  }
  Resolver::Found route(const std::string& domain) { return routes({domain}).front(); }
  std::string code(const std::string& domain) {
    const auto found = route(domain);
    return found ? "found" : std::string(found.error().code);
  }

  async::Task<> ask(std::string domain, Resolver::Found* out) {
    *out = co_await resolver_->route(std::move(domain));
  }

  static KnotServer* knot_;
  async::net::io_context io_{1};
  std::unique_ptr<Resolver> resolver_;
};
KnotServer* ResolverTest::knot_ = nullptr;

std::vector<std::string> names(const Route& route) {
  std::vector<std::string> out;
  for (const MxHost& host : route.hosts) out.push_back(host.name);
  return out;
}

TEST_F(ResolverTest, MxSetComesInOrderWithEveryAddress) {
  open(options());
  const auto found = route("Example.TEST.");
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(names(**found), (std::vector<std::string>{"mx1.example.test", "mx2.example.test"}));
  EXPECT_EQ((*found)->hosts[0].addresses.size(), 2U);
  EXPECT_EQ((*found)->provider, "mx:example.test");
  EXPECT_FALSE((*found)->named);
  EXPECT_EQ((*found)->port, 25);
}

TEST_F(ResolverTest, EqualPreferencesAreTriedInEveryOrder) {
  open(options());
  const auto found = route("equal.example.test");
  ASSERT_TRUE(found);
  Random random(7);
  std::set<std::string> first;
  for (int i = 0; i < 100; ++i) first.insert(order_targets(**found, random).front().host);
  EXPECT_EQ(first.size(), 3U);
}

TEST_F(ResolverTest, ProviderComesFromTheMxSet) {
  open(options());
  const auto found = route("google.example.test");
  ASSERT_TRUE(found);
  EXPECT_EQ((*found)->provider, "google");
  EXPECT_TRUE((*found)->named);
}

TEST_F(ResolverTest, AliasesAreFollowed) {
  open(options());
  const auto domain = route("alias.example.test");
  ASSERT_TRUE(domain) << domain.error().detail;
  EXPECT_EQ((*domain)->hosts.size(), 3U);
  const auto host = route("mxalias.example.test");
  ASSERT_TRUE(host) << host.error().detail;
  EXPECT_EQ((*host)->hosts.front().name, "mxname.example.test");
  const auto other_zone = route("outside.example.test");
  ASSERT_TRUE(other_zone) << other_zone.error().detail;
  EXPECT_EQ((*other_zone)->hosts.front().name, "mail.other.test");
}

TEST_F(ResolverTest, ALabelsAndDomainsWithoutMxHaveRoutes) {
  open(options());
  EXPECT_TRUE(route("xn--fiqs8s.example.test"));
  const auto four = route("aonly.example.test");
  ASSERT_TRUE(four);
  EXPECT_EQ((*four)->hosts.front().name, "aonly.example.test");
  EXPECT_EQ((*four)->provider, "a:198.41.2.1");
  const auto six = route("aaaaonly.example.test");
  ASSERT_TRUE(six);
  EXPECT_EQ((*six)->hosts.front().addresses.front().to_string(), "2001:503:ba3e::9");
}

TEST_F(ResolverTest, DeadDomainsArePermanent) {
  open(options());
  EXPECT_EQ(code("nobody.example.test"), "nxdomain");
  EXPECT_EQ(code("null.example.test"), "null-mx");
  EXPECT_EQ(code("nodata.example.test"), "no-address");
  EXPECT_EQ(code("dangling.example.test"), "no-address");
  EXPECT_EQ(code("bad domain"), "bad-name");
  EXPECT_EQ(code("[198.41.0.4]"), "bad-name");
  for (const char* domain : {"nobody.example.test", "null.example.test", "nodata.example.test"})
    EXPECT_TRUE(is_permanent(route(domain).error())) << domain;
}

TEST_F(ResolverTest, ForbiddenPeersAreRefusedUnlessAllowed) {
  open(options());
  const auto inside = route("inside.example.test");
  ASSERT_FALSE(inside);
  EXPECT_EQ(inside.error().code, "forbidden-address");
  EXPECT_NE(inside.error().detail.find("127.0.0.1 (loopback)"), std::string::npos)
      << inside.error().detail;
  EXPECT_TRUE(is_permanent(inside.error()));
  EXPECT_EQ(code("mapped.example.test"), "forbidden-address");
  const auto half = route("half.example.test");
  ASSERT_TRUE(half);
  EXPECT_EQ(names(**half), (std::vector<std::string>{"mx2.example.test"}));

  auto allowing = options();
  allowing.peers.allow = {*Network::parse("127.0.0.0/8")};
  open(std::move(allowing));
  const auto allowed = route("inside.example.test");
  ASSERT_TRUE(allowed);
  EXPECT_EQ(names(**allowed), (std::vector<std::string>{"loop4.example.test"}));
  EXPECT_TRUE(route("mapped.example.test"));
}

TEST_F(ResolverTest, AHostIsAskedForByItsOwnName) {
  open(options());
  const auto found = [this](const std::string& host) {
    Result<std::vector<IpAddress>> addresses = std::vector<IpAddress>{};
    async::TaskGroup group(io_.get_executor(), "test");
    group.spawn([](Resolver& resolver, std::string name, auto& out) -> async::Task<> {
      out = co_await resolver.addresses_of(std::move(name));
    }(*resolver_, host, addresses));
    io_.restart();
    while (group.size() > 0) io_.run_one();
    return addresses ? addresses->front().to_string() : std::string(addresses.error().code);
  };
  EXPECT_EQ(found("mx2.example.test"),
            (*route("half.example.test"))->hosts[0].addresses[0].to_string());
  EXPECT_EQ(found("198.41.0.4"), "198.41.0.4");
  EXPECT_EQ(found("127.0.0.1"), "forbidden-address");
  EXPECT_EQ(found("loop4.example.test"), "forbidden-address");
  EXPECT_EQ(found("nobody.example.test"), "nxdomain");
  EXPECT_EQ(found("no host"), "bad-name");
}

TEST_F(ResolverTest, ServfailIsTemporary) {
  open(options());
  const auto zone = route("any.broken.test");
  ASSERT_FALSE(zone);
  EXPECT_EQ(zone.error().code, "servfail") << zone.error().detail;
  EXPECT_FALSE(is_permanent(zone.error()));
  // The domain is fine, its only mail host cannot be resolved now.
  EXPECT_EQ(code("relies.example.test"), "dns-unresolved");
}

TEST_F(ResolverTest, TruncatedAnswersAreFetchedByTcp) {
  open(options());
  const auto found = route("big.example.test");
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ((*found)->hosts.size(), kMaxHosts);
}

TEST_F(ResolverTest, OneQuestionPerNameHoweverManyWait) {
  open(options());
  const auto found = routes(std::vector<std::string>(50, "example.test"));
  for (const auto& f : found) EXPECT_TRUE(f);
  // MX, and A and AAAA of two hosts.
  EXPECT_EQ(resolver_->stats().questions, 5U);
  EXPECT_GT(resolver_->stats().joined, 0U);
  EXPECT_EQ(resolver_->stats().in_flight, 0U);
}

TEST_F(ResolverTest, MoreQuestionsThanAllowedWaitTheirTurn) {
  auto few = options();
  few.max_questions = 2;
  open(std::move(few));
  const std::vector<std::string> domains{"example.test",        "equal.example.test",
                                         "google.example.test", "aonly.example.test",
                                         "nobody.example.test", "xn--fiqs8s.example.test"};
  std::vector<Resolver::Found> found(domains.size());
  async::TaskGroup group(io_.get_executor(), "test");
  for (std::size_t i = 0; i < domains.size(); ++i) group.spawn(ask(domains[i], &found[i]));
  io_.restart();
  std::size_t most = 0, most_waiting = 0;
  while (group.size() > 0) {
    io_.run_one();
    most = std::max(most, resolver_->stats().in_flight);
    most_waiting = std::max(most_waiting, resolver_->stats().waiting);
  }
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i].has_value(), i != 4) << i;
  EXPECT_EQ(most, 2U);
  EXPECT_GE(most_waiting, 4U);
  EXPECT_EQ(resolver_->stats().waiting, 0U);
}

TEST_F(ResolverTest, RoutesAreKnownUntilTheirTtlEnds) {
  auto exact = options();
  exact.ttl.least = 0s;
  open(std::move(exact));
  EXPECT_FALSE(resolver_->find_route("short.example.test", std::chrono::steady_clock::now()));
  const auto before = std::chrono::steady_clock::now();
  ASSERT_TRUE(route("short.example.test"));
  const auto after = std::chrono::steady_clock::now();
  const auto known = route("example.test");
  ASSERT_TRUE(known);
  // NODATA of mx2's AAAA question (SOA MINIMUM 60) bounds the route before the 300 s of the others.
  EXPECT_GE((*known)->expires, before + 60s);
  EXPECT_LE((*known)->expires, std::chrono::steady_clock::now() + 60s);
  EXPECT_FALSE(resolver_->find_route("short.example.test", after + 1s));

  const auto asked = resolver_->stats().questions;
  EXPECT_TRUE(route("example.test"));
  EXPECT_EQ(code("nobody.example.test"), "nxdomain");
  EXPECT_EQ(code("nobody.example.test"), "nxdomain");
  EXPECT_EQ(resolver_->stats().questions, asked + 1);
}

TEST_F(ResolverTest, StaticRoutesOverrideMx) {
  auto with = options();
  with.peers.allow = {*Network::parse("127.0.0.0/8")};
  with.static_routes = {{"example.test", "127.0.0.1", 2525, "demo"},
                        {".example.test", "mx1.example.test", 26, std::nullopt},
                        {"*", "nowhere.example.test", 25, std::nullopt}};
  open(std::move(with));
  const auto exact = resolver_->find_route("example.test", std::chrono::steady_clock::now());
  ASSERT_TRUE(exact && *exact);
  EXPECT_EQ((**exact)->provider, "demo");
  EXPECT_EQ((**exact)->port, 2525);
  const auto below = route("null.example.test");
  ASSERT_TRUE(below) << below.error().detail;
  EXPECT_EQ((*below)->hosts.front().name, "mx1.example.test");
  const auto lost = route("other.test");
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, "static-route-unresolved");
  EXPECT_FALSE(is_permanent(lost.error()));
}

TEST_F(ResolverTest, ForbiddenOrOddConfigurationIsRefusedAtStart) {
  auto with = options();
  with.static_routes = {{"a.test", "10.0.0.1", 25, std::nullopt}, {"b c", "-", 0, std::nullopt}};
  const auto made = Resolver::create(io_.get_executor(), std::move(with));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, "bad-static-route");
  EXPECT_NE(made.error().detail.find("10.0.0.1 is refused (private)"), std::string::npos);
  EXPECT_NE(made.error().detail.find("port 0"), std::string::npos);
  for (const char* bad : {"localhost", "127.0.0.1:0", "127.0.0.1:70000", "[::1", "[::1]x", ""}) {
    auto server = options();
    server.channel.servers = {bad};
    const auto refused = Resolver::create(io_.get_executor(), std::move(server));
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, "bad-dns-server");
  }
}

TEST_F(ResolverTest, SilentServerDefers) {
  const SilentServer silent;
  auto with = options();
  with.channel = {{silent.address()}, 100ms, 2};
  open(std::move(with));
  const auto found = route("example.test");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, "dns-timeout");
  EXPECT_FALSE(is_permanent(found.error()));
  EXPECT_EQ(resolver_->stats().timeouts, 1U);
}

TEST_F(ResolverTest, TheNextServerIsAskedWhenOneIsSilentOrBroken) {
  const SilentServer silent;
  auto with = options();
  with.channel = {{silent.address(), knot_->address()}, 200ms, 3};
  open(std::move(with));
  EXPECT_TRUE(route("equal.example.test"));
}

TEST_F(ResolverTest, ServerThatComesBackIsUsedAgain) {
  KnotServer own(zones());
  auto with = options();
  with.channel = {{own.address()}, 200ms, 2};
  with.ttl.failure = 0s;
  open(std::move(with));
  own.stop();
  const auto down = route("example.test");
  ASSERT_FALSE(down);
  EXPECT_FALSE(is_permanent(down.error())) << down.error().code;
  own.start();
  // A loaded machine may lose a packet to a server that is just coming up.
  auto up = route("example.test");
  for (int i = 0; i < 20 && !up; ++i) up = route("example.test");
  EXPECT_TRUE(up) << up.error().detail;
}

TEST_F(ResolverTest, CancelledTaskEndsAndTheResolverCanGo) {
  const SilentServer silent;
  auto with = options();
  with.channel = {{silent.address()}, 60'000ms, 2};
  open(std::move(with));
  Resolver::Found found;
  async::TaskGroup group(io_.get_executor(), "test");
  group.spawn(ask("example.test", &found));
  io_.restart();
  io_.run_for(20ms);
  EXPECT_EQ(resolver_->stats().in_flight, 1U);
  group.cancel();
  io_.restart();
  while (group.size() > 0) io_.run_one();
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, "dns-cancelled");
  resolver_.reset();  // with the question still open
  io_.restart();
  io_.run_for(20ms);
}

TEST_F(ResolverTest, DescriptorsAreGivenBack) {
  const auto count = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  open(options());
  ASSERT_TRUE(route("example.test"));
  const auto before = count();
  for (int i = 0; i < 20; ++i) {
    open(options());
    ASSERT_TRUE(route("big.example.test"));
  }
  EXPECT_LE(count(), before + 2);
}

// Were a socket closed by Asio and again by c-ares, the second close would sooner or later hit a
// descriptor that another thread has just been given.
TEST_F(ResolverTest, NoDescriptorIsClosedTwice) {
  open(options());
  std::atomic<bool> stop{false};
  std::atomic<int> stolen{0};
  std::thread other([&] {
    while (!stop) {
      const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
      if (fd >= 0 && ::close(fd) != 0) ++stolen;
    }
  });
  for (int i = 0; i < 2000; ++i) (void)route("nobody" + std::to_string(i) + ".example.test");
  stop = true;
  other.join();
  EXPECT_EQ(stolen, 0);
}

}  // namespace
}  // namespace hongyan::dns
