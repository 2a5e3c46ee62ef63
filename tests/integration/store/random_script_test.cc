#include "tests/integration/store/store_fixture.h"

#include <random>
#include <set>

namespace hongyan::store::test {
namespace {

// Engines, receivers and operators in any order, leases that end at any moment, calls that are sent
// twice: after each step the counters, the state bytes and the money must agree.
class RandomScript : public StoreTest, public ::testing::WithParamInterface<unsigned> {
 protected:
  struct Held {
    std::string engine;
    ClaimedChunk chunk;
    std::set<std::uint32_t> marked;
  };
  std::size_t any(std::size_t n) { return random_() % n; }

  void step();
  void claim_something();
  void commit_something();
  void repeat_something();
  void operate();

  std::mt19937_64 random_;
  std::vector<Held> held_;  // leases ever given; stale ones as well
  std::vector<std::pair<std::string, std::vector<Step>>> sent_;
};

void RandomScript::claim_something() {
  const std::string engine = any(2) == 0 ? "e1" : "e2";
  if (auto chunk = claim("a", engine)) held_.push_back({engine, *chunk, {}});
}

void RandomScript::commit_something() {
  if (held_.empty()) return;
  Held& held = held_[held_.size() - 1 - any(std::min<std::size_t>(held_.size(), 6))];
  std::vector<Step> steps;
  for (std::size_t i = any(6) + 1; i > 0; --i) {
    const auto index = static_cast<std::uint32_t>(any(held.chunk.states.size()));
    if (any(2) == 0) {
      steps.push_back(mark(held.chunk, index, any(4) == 0));
      continue;
    }
    constexpr Settlement kAll[] = {
        Settlement::kDelivered, Settlement::kDelivered, Settlement::kDelivered,
        Settlement::kBounced,   Settlement::kDeferred,  Settlement::kInDoubt,
        Settlement::kGivenBack, Settlement::kPostponed, Settlement::kExpired};
    Settlement settlement = kAll[any(std::size(kAll))];
    // Nobody answers a message that was not sent.
    if (!held.marked.contains(index) &&
        (settlement == Settlement::kDelivered || settlement == Settlement::kInDoubt))
      settlement = Settlement::kBounced;
    const Evidence evidence = settlement == Settlement::kDelivered ? Evidence::kAccepted
                              : settlement == Settlement::kBounced && any(8) == 0
                                  ? Evidence::kInvalidAddress
                                  : Evidence::kNone;
    const bool deferred = settlement == Settlement::kDeferred;
    const bool postponed = settlement == Settlement::kPostponed;
    const std::int64_t due = any(2) == 0 ? 0 : now_ms() + 50;
    std::string wait;
    if (deferred) wait = std::to_string(due) + " 1000 " + std::to_string(1 + any(3));
    if (postponed) wait = std::to_string(due) + " 0 0";
    steps.push_back(settle(held.chunk, index, settlement, evidence, wait));
  }
  const auto answer = commit("a", steps, held.engine);
  std::size_t marks = 0;
  for (const Step& one : steps)
    if (one.mark && answer.marks.at(marks++) == 'f') held.marked.insert(one.index);
  sent_.emplace_back(held.engine, std::move(steps));
}

void RandomScript::repeat_something() {
  if (sent_.empty()) return;
  auto steps = sent_[sent_.size() - 1 - any(std::min<std::size_t>(sent_.size(), 5))];
  // A mark is never repeated by an engine.
  std::erase_if(steps.second, [](const Step& one) { return one.mark; });
  if (!steps.second.empty()) commit("a", steps.second, steps.first);
}

void RandomScript::operate() {
  switch (any(9)) {
    case 0:
      run(store().control("a", "pause", "li", "", -1));
      break;
    case 1:
    case 2:
      run(store().control("a", "resume", "li", "", any(2) == 0 ? 30 : -1));
      break;
    case 3:
      run(store().doubt("a", any(3), static_cast<std::uint32_t>(any(60)),
                        std::vector<std::string>{"delivered", "resend", "drop"}[any(3)], "",
                        today_));
      break;
    case 4: {
      const auto number = field("a", "lend_number");
      fcall("h1_fund", "a", {std::to_string(std::atoi(number.c_str()) + 1), "70000"});
      break;
    }
    case 5:
      fcall("h1_unfunded", "a");
      break;
    case 6:
      fcall("h1_unlend", "a");
      break;
    case 7: {
      if (held_.empty()) break;
      const Held& held = held_.back();
      std::vector<std::pair<char, std::uint32_t>> indexes;
      for (int i = 0; i < 3; ++i)
        indexes.emplace_back('c', static_cast<std::uint32_t>(any(held.chunk.states.size())));
      run(store().restore("a", held.engine, held.chunk.number, held.chunk.epoch, Millis{20'000},
                          held.chunk.claimed_at_ms, indexes));
      break;
    }
    case 8:
      if (any(60) == 0) run(store().control("a", "cancel", "li", "", -1));
      break;
  }
}

void RandomScript::step() {
  const std::size_t what = any(100);
  if (what < 15) {
    claim_something();
  } else if (what < 75) {
    commit_something();
  } else if (what < 80) {
    repeat_something();
  } else if (what < 85) {
    // A lease ends, whoever holds it.
    call({"ZADD", "hongyan:{a}:leases", "XX", "1", std::to_string(any(3))});
    tick("a");
  } else if (what < 90) {
    tick("a");
  } else {
    operate();
  }
}

TEST_P(RandomScript, CountersStatesAndMoneyAgreeAfterEachStep) {
  const unsigned seed = GetParam();
  SCOPED_TRACE("seed " + std::to_string(seed));
  random_.seed(seed);
  std::map<std::string, std::string> fields{{"doubt_delay_ms", any(2) == 0 ? "0" : "40"}};
  if (seed % 4 == 1) fields["max_spend_micro_yuan"] = std::to_string(kPrice * 60);
  if (seed % 4 == 2) {
    fields["prepaid"] = "1";
    fields["lent_micro_yuan"] = std::to_string(kPrice * 20);
  }
  if (seed % 3 == 0) fields["hold_doubt"] = "1";
  make_job("a", fields);
  plan("a", {std::string(60, 'q'), std::string(55, 'q') + "IIIII", std::string(60, 'q')}, true);
  tick("a");
  for (int i = 0; i < 500; ++i) {
    step();
    expect_consistent("a");
    if (HasFailure()) FAIL() << "after step " << i;
  }
  // Whatever happened, the operator can bring it to an end: one final state each.
  run(store().control("a", "cancel", "li", "", -1));
  for (int n = 0; n < 3; ++n) call({"ZADD", "hongyan:{a}:leases", "XX", "1", std::to_string(n)});
  tick("a", 3);
  expect_consistent("a");
  EXPECT_GT(number("a", "ended_at"), 0);
  std::int64_t final = 0;
  for (const char* name : {"delivered", "bounced", "suppressed", "invalid", "duplicate", "expired",
                           "cancelled", "held"})
    final += number("a", name);
  EXPECT_EQ(final, number("a", "total"));
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomScript, ::testing::Range(1u, 17u));

}  // namespace
}  // namespace hongyan::store::test
