#include "tests/integration/store/store_fixture.h"

namespace hongyan::store::test {
namespace {

class Forget : public StoreTest {
 protected:
  std::string get(std::string key) { return std::string(call({"GET", key}).text()); }
  std::string erase(std::string id, std::vector<std::uint32_t> indexes,
                    std::string new_data = "without") {
    return run(store().forget(id, {0, get(keys::chunk(id, 0)), std::move(new_data),
                                   get(keys::replies(id, 0)), "", std::move(indexes)}));
  }
};

TEST_F(Forget, WhoWaitsIsSuppressedAndNobodyElseMoves) {
  make_running_job("a", 4);
  const auto chunk = claim("a");
  commit("a", {settle(*chunk, 0, Settlement::kDeferred, Evidence::kNone, "9999999999999 1 1"),
               settle(*chunk, 1, Settlement::kBounced), settle(*chunk, 2, Settlement::kGivenBack),
               settle(*chunk, 3, Settlement::kGivenBack)});
  EXPECT_EQ(states("a"), "dBqq");
  EXPECT_EQ(erase("a", {0, 1, 2}), "ok");
  EXPECT_EQ(states("a"), "SBSq");
  EXPECT_EQ(get(keys::chunk("a", 0)), "without");
  EXPECT_EQ(call({"EXISTS", keys::waits("a", 0)}).integer(), 0);
  expect_consistent("a");
}

TEST_F(Forget, WaitsWhileAnEngineHasItInHand) {
  make_running_job("a", 3);
  const auto chunk = claim("a");
  commit("a", {mark(*chunk, 0), settle(*chunk, 1, Settlement::kGivenBack)});
  EXPECT_EQ(states("a"), "fqc");
  const std::string data = get(keys::chunk("a", 0));
  EXPECT_EQ(erase("a", {1, 0}), "busy");
  EXPECT_EQ(erase("a", {2}), "busy");
  EXPECT_EQ(states("a"), "fqc");
  EXPECT_EQ(get(keys::chunk("a", 0)), data);
  EXPECT_EQ(erase("a", {1}), "ok");
  EXPECT_EQ(states("a"), "fSc");
  expect_consistent("a");
}

TEST_F(Forget, WhatChangedMeanwhileIsReadAgain) {
  make_running_job("a", 1);
  EXPECT_EQ(run(store().forget("a", {0, "as it was", "new", "", "", {0}})), "changed");
  call({"SET", keys::replies("a", 0), "newer"});
  EXPECT_EQ(run(store().forget("a", {0, get(keys::chunk("a", 0)), "new", "", "", {0}})), "changed");
  EXPECT_EQ(states("a"), "q");
}

TEST_F(Forget, LastOnesEndTheJobAndFreeTheirPrice) {
  make_running_job("a", 2);
  const auto chunk = claim("a");
  commit("a", {mark(*chunk, 0)});
  commit("a", {settle(*chunk, 0, Settlement::kInDoubt), settle(*chunk, 1, Settlement::kGivenBack)});
  EXPECT_EQ(number("a", "reserved_micro_yuan"), kPrice);
  EXPECT_EQ(erase("a", {0, 1}), "ok");
  EXPECT_EQ(states("a"), "SS");
  EXPECT_EQ(field("a", "state"), "done");
  EXPECT_EQ(number("a", "reserved_micro_yuan"), 0);
  EXPECT_EQ(call({"SISMEMBER", std::string(keys::kActive), "a"}).integer(), 1);
  expect_consistent("a");
}

}  // namespace
}  // namespace hongyan::store::test
