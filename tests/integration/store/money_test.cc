#include "store/money_store.h"
#include "tests/integration/store/store_fixture.h"

namespace hongyan::store::test {
namespace {

class Money : public StoreTest {
 protected:
  MoneyStore& money() {
    if (!money_) money_.emplace(store());
    return *money_;
  }
  TopUp top_up(std::int64_t amount, std::string ref) {
    return run(money().top_up("acme", MicroYuan{amount}, std::move(ref), "li"));
  }
  std::int64_t lend(std::int64_t number, std::int64_t want, std::string job = "a") {
    return run(money().lend("acme", std::move(job), number, MicroYuan{want}, MicroYuan{kPrice},
                            MicroYuan{low_}))
        .amount.value;
  }
  Balance balance() { return run(money().balance("acme")); }

  std::int64_t low_ = 0;

 private:
  std::optional<MoneyStore> money_;
};

TEST_F(Money, TopUpIsIdempotentByItsRef) {
  EXPECT_TRUE(top_up(100'000, "r1").applied);
  EXPECT_FALSE(top_up(100'000, "r1").applied);
  EXPECT_NE(top_up(5, "r1").refusal, "");
  EXPECT_EQ(balance().topped_up.value, 100'000);
  EXPECT_EQ(call({"LLEN", keys::account_entries("acme")}).integer(), 1);
}

TEST_F(Money, CreditCannotTakeWhatIsLent) {
  top_up(100'000, "r1");
  EXPECT_EQ(lend(1, 70'000), 70'000);
  EXPECT_NE(top_up(-30'001, "r2").refusal, "");
  EXPECT_TRUE(top_up(-30'000, "r3").applied);
  EXPECT_EQ(balance().free().value, 0);
}

TEST_F(Money, AmountsBeyondExactNumbersAreRefused) {
  EXPECT_NE(top_up(9'100'000'000'000'000, "big").refusal, "");
  EXPECT_EQ(balance().topped_up.value, 0);
}

TEST_F(Money, AllotmentsAreWholePricesAndRepeatingANumberLendsNothing) {
  top_up(20'000, "r");
  EXPECT_EQ(lend(1, 1'000'000), 14'000);
  EXPECT_EQ(lend(1, 1'000'000), 14'000);
  EXPECT_EQ(lend(2, 1'000'000), 0);
  top_up(10'000, "r2");
  EXPECT_EQ(lend(2, 7'000), 7'000);
  EXPECT_EQ(lend(1, 7'000), 0);  // somebody slow: it would never arrive
  EXPECT_EQ(balance().lent.value, 21'000);
}

TEST_F(Money, PrepaidJobSpendsWhatIsLentAndGivesTheRestBack) {
  top_up(100'000, "r");
  make_running_job("a", 3, {{"prepaid", "1"}});
  const auto chunk = claim("a");
  EXPECT_EQ(commit("a", {mark(*chunk, 0)}).marks, "F");
  for (int i = 0; i < 2; ++i) run(money().fund("a", 1, MicroYuan{lend(1, 28'000)}));
  EXPECT_EQ(number("a", "lent_micro_yuan"), 28'000);
  EXPECT_EQ(commit("a", {mark(*chunk, 0), mark(*chunk, 1)}).marks, "ff");
  run(money().give_back("acme", "a"));
  EXPECT_EQ(balance().returned.value, 0);  // not while it runs
  commit("a", {delivered(*chunk, 0), settle(*chunk, 1, Settlement::kBounced),
               settle(*chunk, 2, Settlement::kBounced)});
  for (int i = 0; i < 2; ++i) {
    run(money().roll_up("a", "acme", "quality", kPrice, 1));
    run(money().give_back("acme", "a"));
  }
  EXPECT_EQ(balance().returned.value, 21'000);
  EXPECT_EQ(balance().balance().value, 93'000);
  EXPECT_EQ(balance().free().value, 93'000);
  expect_consistent("a");
}

TEST_F(Money, HeldRecipientKeepsItsPriceAfterTheEndUntilItIsSettled) {
  top_up(100'000, "r");
  make_running_job("a", 1, {{"prepaid", "1"}, {"hold_doubt", "1"}});
  run(money().fund("a", 1, MicroYuan{lend(1, 14'000)}));
  const auto chunk = claim("a");
  commit("a", {mark(*chunk, 0)});
  EXPECT_EQ(commit("a", {settle(*chunk, 0, Settlement::kInDoubt)}).state, "done");
  run(money().give_back("acme", "a"));
  EXPECT_EQ(balance().returned.value, 7'000);
  run(store().doubt("a", 0, 0, "drop", "", today_));
  run(money().give_back("acme", "a"));
  EXPECT_EQ(balance().returned.value, 14'000);
}

TEST_F(Money, UnfundedJobGoesOnAfterATopUpOrWhenItsOwnMoneyComesBack) {
  make_running_job("a", 3, {{"prepaid", "1"}});
  EXPECT_TRUE(run(money().mark_unfunded("a")));
  run(money().fund("a", 1, MicroYuan{7'000}));
  EXPECT_EQ(field("a", "state"), "running");
  EXPECT_FALSE(run(money().mark_unfunded("a")));  // it has money
  const auto chunk = claim("a");
  commit("a", {mark(*chunk, 0)});
  EXPECT_TRUE(run(money().mark_unfunded("a")));
  EXPECT_EQ(commit("a", {mark(*chunk, 1)}).marks, "P");
  commit("a", {settle(*chunk, 0, Settlement::kBounced)});
  tick("a");
  EXPECT_EQ(field("a", "state"), "running");
}

TEST_F(Money, LedgerTakesCumulativeNumbersOnce) {
  make_running_job("a", 4);
  const auto chunk = claim("a");
  commit("a", {delivered(*chunk, 0), delivered(*chunk, 1)});
  EXPECT_TRUE(run(money().roll_up("a", "acme", "quality", kPrice, 1)));
  EXPECT_FALSE(run(money().roll_up("a", "acme", "quality", kPrice, 1)));
  commit("a", {delivered(*chunk, 3)});
  EXPECT_TRUE(run(money().roll_up("a", "acme", "quality", kPrice, 2)));
  today_.ends_ms = 1;
  commit("a", {delivered(*chunk, 2)});
  EXPECT_TRUE(run(money().roll_up("a", "acme", "quality", kPrice, 3)));
  const auto ledger = run(money().ledger("acme"));
  ASSERT_EQ(ledger.lines.size(), 2u);
  EXPECT_EQ(ledger.lines[0].day, "2026-11-20");
  EXPECT_EQ(ledger.lines[0].messages, 3);
  EXPECT_EQ(ledger.lines[1].messages, 1);
  ASSERT_EQ(ledger.ever.size(), 1u);
  EXPECT_EQ(ledger.ever[0].micro_yuan, 4 * kPrice);
  EXPECT_EQ(ledger.entries.size(), 2u);
}

TEST_F(Money, FallingBelowTheMarkIsToldOnce) {
  low_ = 20'000;
  top_up(70'000, "r1");
  const auto low = [&](std::int64_t number, std::int64_t want) {
    return run(money().lend("acme", "a", number, MicroYuan{want}, MicroYuan{kPrice},
                            MicroYuan{low_}))
        .low;
  };
  EXPECT_FALSE(low(1, 28'000));
  EXPECT_TRUE(low(2, 28'000));  // 14,000 left
  EXPECT_FALSE(low(2, 28'000));
  EXPECT_FALSE(low(3, 28'000));
  top_up(70'000, "r2");
  EXPECT_FALSE(low(4, 7'000));
  EXPECT_TRUE(low(5, 63'000));
  low_ = 0;
  top_up(70'000, "r3");
  EXPECT_FALSE(low(6, 49'000));
  EXPECT_TRUE(low(7, 700'000));  // not one price is left
}

}  // namespace
}  // namespace hongyan::store::test
