#include "tests/integration/store/store_fixture.h"

namespace hongyan::store::test {
namespace {

class Events : public StoreTest {
 protected:
  std::int64_t publish(const std::string& job, const std::vector<int>& numbers) {
    std::vector<std::string> args{"1000000", job};
    for (const int n : numbers)
      for (const char* word : {"", "job.state", "1", "acme", "{}"})
        args.push_back(*word == '\0' ? std::to_string(n) : word);
    return fcall_keys("h1_publish", {std::string(keys::kEvents), std::string(keys::kEventNumbers)},
                      args)
        .integer();
  }
};

TEST_F(Events, PublishingTwiceAddsNothingAndNumbersHaveNoGaps) {
  EXPECT_EQ(publish("a", {1, 2}), 2);
  EXPECT_EQ(publish("a", {1, 2, 3}), 3);
  EXPECT_EQ(publish("b", {1}), 1);
  publish("", {0});
  publish("a", {0, 4});
  const auto stream = call({"XRANGE", std::string(keys::kEvents), "-", "+"});
  ASSERT_EQ(stream.array().size(), 7u);
  for (std::size_t i = 0; i < 7; ++i)
    EXPECT_EQ(stream[i][1].find("seq")->integer(), static_cast<std::int64_t>(i) + 1);
}

TEST_F(Events, OutboxKeepsWhatIsNotPublishedYet) {
  make_job("a");
  run(store().control("a", "pause", "li", "", -1));
  run(store().control("a", "resume", "li", "", -1));
  ASSERT_EQ(call({"LLEN", "hongyan:{a}:outbox"}).integer(), 3);
  fcall("h1_outbox_done", "a", {"2"});
  EXPECT_EQ(call({"LLEN", "hongyan:{a}:outbox"}).integer(), 1);
  fcall("h1_outbox_done", "a", {"2"});
  EXPECT_EQ(call({"LLEN", "hongyan:{a}:outbox"}).integer(), 1);
  fcall("h1_outbox_done", "a", {"3"});
  EXPECT_EQ(call({"EXISTS", "hongyan:{a}:outbox"}).integer(), 0);
}

TEST_F(Events, AboutSoManyAreKeptAndTheNumbersGoOn) {
  for (int i = 0; i < 30; ++i) {
    std::vector<std::string> args{"200", ""};
    for (int k = 0; k < 100; ++k)
      for (const char* word : {"0", "lane.mode", "1", "", "{}"}) args.emplace_back(word);
    fcall_keys("h1_publish", {std::string(keys::kEvents), std::string(keys::kEventNumbers)}, args);
  }
  const std::int64_t kept = call({"XLEN", std::string(keys::kEvents)}).integer();
  EXPECT_GE(kept, 200);
  EXPECT_LT(kept, 400);  // whole nodes of 100 go
  const auto last = call({"XREVRANGE", std::string(keys::kEvents), "+", "-", "COUNT", "1"});
  EXPECT_EQ(last[0][1].find("seq")->integer(), 3000);
}

}  // namespace
}  // namespace hongyan::store::test
