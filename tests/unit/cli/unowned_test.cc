#include "cli/unowned.h"

#include <gtest/gtest.h>

namespace hongyan::cli {
namespace {

config::Fleet fleet_of(std::map<std::string, std::vector<std::string>> sources) {
  config::Fleet fleet;
  for (auto& [name, engines] : sources) fleet.sources[name].engines = std::move(engines);
  return fleet;
}

Engine engine_of(std::string id, std::vector<std::string> sources, bool live = true) {
  Engine engine;
  engine.id = std::move(id);
  engine.live = live;
  engine.sources = std::move(sources);
  return engine;
}

TEST(UnownedSources, AreThoseThatNoRunningEngineHas) {
  const auto fleet = fleet_of({{"s1", {"e1"}}, {"s2", {"e2", "e3"}}, {"s3", {}}});
  const auto found =
      unowned_sources(fleet, {engine_of("e1", {"s1"}), engine_of("e2", {"s2"}, false)});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found.at("s2"),
            "no running engine has source s2: start e2 or e3, or name a running engine in "
            "`engines` of [source.s2] and publish that");
  EXPECT_TRUE(found.at("s3").starts_with("no running engine has source s3: start one"));
}

TEST(UnownedSources, AreNoneWhenEachIsSomebodys) {
  const auto fleet = fleet_of({{"s1", {"e1"}}, {"s2", {}}});
  EXPECT_TRUE(unowned_sources(fleet, {engine_of("e1", {"s1", "s2"})}).empty());
}

}  // namespace
}  // namespace hongyan::cli
