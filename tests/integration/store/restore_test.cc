#include "tests/integration/store/store_fixture.h"

#include <algorithm>

namespace hongyan::store::test {
namespace {

class Restore : public StoreTest {
 protected:
  // Redis as it was at `remember`, as after a crash that lost its last writes.
  void remember() {
    saved_.clear();
    const auto names = call({"KEYS", "hongyan:{a}:*"});
    for (const auto& name : names.array())
      saved_[std::string(name.text())] = std::string(call({"DUMP", name.text()}).text());
  }
  void lose() {
    call({"FLUSHALL"});
    for (const auto& [name, bytes] : saved_) call({"RESTORE", name, "0", bytes});
  }
  bool restore(const ClaimedChunk& chunk, std::vector<std::pair<char, std::uint32_t>> held,
               std::string engine = "e1") {
    return run(store().restore("a", std::move(engine), chunk.number, chunk.epoch, Millis{20'000},
                               chunk.claimed_at_ms, std::move(held)));
  }
  std::map<std::string, std::string> saved_;
};

TEST_F(Restore, LostClaimMarksAndSettlesAreReplayed) {
  make_running_job("a", 3);
  remember();
  const auto chunk = claim("a");
  commit("a", {mark(*chunk, 0), mark(*chunk, 1)});
  commit("a", {delivered(*chunk, 0)});
  lose();
  EXPECT_EQ(states("a"), "qqq");
  EXPECT_TRUE(restore(*chunk, {{'c', 0}, {'f', 1}, {'c', 2}}));
  EXPECT_EQ(states("a"), "cfc");
  expect_consistent("a");
  EXPECT_EQ(commit("a", {delivered(*chunk, 0), delivered(*chunk, 1)}).settles, "DD");
  EXPECT_EQ(number("a", "charged_micro_yuan"), 2 * kPrice);
  expect_consistent("a");
}

TEST_F(Restore, ReplayOfWhatWasNotLostChangesNothing) {
  make_running_job("a", 4);
  const auto chunk = claim("a");
  commit("a", {mark(*chunk, 0), mark(*chunk, 1), mark(*chunk, 2)});
  const std::vector<Step> settles{
      delivered(*chunk, 0),
      settle(*chunk, 1, Settlement::kDeferred, Evidence::kNone, "9999999999999 5 1"),
      settle(*chunk, 2, Settlement::kInDoubt)};
  commit("a", settles);
  const auto before = call({"HGETALL", keys::job("a")});
  EXPECT_TRUE(restore(*chunk, {{'c', 0}, {'c', 1}, {'c', 2}, {'c', 3}}));
  commit("a", settles);
  EXPECT_EQ(states("a"), "Dduc");
  for (const char* name : {"attempts", "charged_micro_yuan", "reserved_micro_yuan", "delivered"})
    EXPECT_EQ(number("a", name), before.find(name)->integer()) << name;
  expect_consistent("a");
}

TEST_F(Restore, OutcomesThatWereNotLostAreNotToldAgain) {
  make_running_job("a", 3);
  const auto chunk = claim("a");
  commit("a", {mark(*chunk, 0), mark(*chunk, 1), mark(*chunk, 2)});
  std::vector<Step> settles{
      delivered(*chunk, 0),
      settle(*chunk, 1, Settlement::kDeferred, Evidence::kNone, "9999999999999 5 1"),
      settle(*chunk, 2, Settlement::kInDoubt)};
  for (Step& step : settles) step.event = R"("address":"li@x.example")";
  commit("a", settles);
  EXPECT_TRUE(restore(*chunk, {{'c', 0}, {'c', 1}, {'c', 2}}));
  EXPECT_EQ(commit("a", settles).settles, "-d-");
  std::vector<std::string> told;
  for (const auto& one : call({"LRANGE", keys::of_job("a", "outbox"), "0", "-1"}).array())
    if (one.text().contains("recipient.outcome")) told.emplace_back(one.text());
  ASSERT_EQ(told.size(), 3u);
  for (const char* outcome : {"delivered", "deferred", "in_doubt"})
    EXPECT_EQ(std::ranges::count_if(told, [&](const auto& one) { return one.contains(outcome); }),
              1);
}

TEST_F(Restore, ChunkThatAnotherEngineHasIsNotTakenBack) {
  make_running_job("a", 2);
  remember();
  const auto lost = claim("a", "e1");
  lose();
  const auto other = claim("a", "e2");
  ASSERT_EQ(other->epoch, lost->epoch);
  EXPECT_FALSE(restore(*lost, {{'c', 0}}));
  EXPECT_EQ(commit("a", {mark(*lost, 0)}, "e1").marks, "S");
  EXPECT_EQ(commit("a", {mark(*other, 0)}, "e2").marks, "f");
}

}  // namespace
}  // namespace hongyan::store::test
