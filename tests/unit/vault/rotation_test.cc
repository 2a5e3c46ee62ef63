#include "mailbox/vault/rotation.h"

#include "tests/unit/vault/vault_support.h"

#include <map>

namespace hongyan::vault {
namespace {

using test::code_of;
using test::kCountingKey;
using test::key_of;
using test::ring_of;

class Rotating : public ::testing::Test {
 protected:
  Rotating() : ring_{MasterKey::generate()} {
    ring_.previous.push_back(key_of(kCountingKey));
    for (const std::string& address : addresses_)
      records_[address] = seal_record(old_, {address}, Secret::copy_of("code of " + address));
  }
  RecordAccess access() {
    return {.read = [this](const std::string& address) -> Result<std::string> {
              ++reads_;
              return records_[address];
            },
            .swap = [this](const std::string& address, const std::string& before,
                           const std::string& after) -> Result<bool> {
              if (swaps_left_-- == 0) return fail(Scope::kProcess, "redis-away");
              if (changed_) std::exchange(changed_, nullptr)(address);
              if (records_[address] != before) return false;
              records_[address] = after;
              return true;
            }};
  }
  Result<Rotation> run() { return rotate(ring_, addresses_, access()); }

  KeyRing old_ = ring_of(key_of(kCountingKey));
  KeyRing ring_;
  std::vector<std::string> addresses_{"a@x.example", "b@x.example", "c@x.example"};
  std::map<std::string, std::string> records_;
  std::function<void(const std::string&)> changed_;
  int reads_ = 0;
  int swaps_left_ = -1;
};

TEST_F(Rotating, SealsEverythingUnderTheCurrentKey) {
  const auto counts = run();
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->resealed, 3U);
  const KeyRing without_the_old = ring_of(key_of(ring_.current.text().reveal()));
  for (const auto& [address, record] : records_)
    EXPECT_EQ(open_record(without_the_old, {address}, record)->reveal(), "code of " + address);
}

TEST_F(Rotating, InterruptedAnywhereItIsRepeated) {
  for (int done = 0; done < 3; ++done) {
    swaps_left_ = 1;
    EXPECT_EQ(code_of(run()), done < 2 ? "redis-away" : "no error");
  }
  swaps_left_ = -1;
  const auto counts = run();
  EXPECT_EQ(counts->resealed, 0U);
  EXPECT_EQ(counts->current, 3U);
}

TEST_F(Rotating, WhatCannotBeOpenedStaysAndIsTold) {
  std::swap(records_["a@x.example"], records_["b@x.example"]);
  records_["c@x.example"].clear();
  const auto before = records_;
  const auto counts = run();
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->resealed, 0U);
  EXPECT_EQ(counts->none, 1U);
  ASSERT_EQ(counts->failed.size(), 2U);
  EXPECT_EQ(counts->failed[0].second.code, "vault-swapped");
  EXPECT_EQ(records_, before);
}

TEST_F(Rotating, ASecretThatWasUpdatedMeanwhileIsNotOverwritten) {
  changed_ = [this](const std::string& address) {
    records_[address] = seal_record(old_, {address}, Secret::copy_of("a new code"));
  };
  const auto counts = run();
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->resealed, 3U);
  EXPECT_EQ(reads_, 4);
  EXPECT_EQ(open_record(ring_, {"a@x.example"}, records_["a@x.example"])->reveal(), "a new code");
}

TEST_F(Rotating, ASecretThatWasDeletedMeanwhileStaysDeleted) {
  changed_ = [this](const std::string& address) { records_[address].clear(); };
  const auto counts = run();
  EXPECT_EQ(counts->none, 1U);
  EXPECT_EQ(records_["a@x.example"], "");
}

}  // namespace
}  // namespace hongyan::vault
