#include "mailbox/vault/rotation.h"
#include "store/mailbox_store.h"
#include "store/vault_store.h"
#include "tests/integration/store/store_fixture.h"

namespace hongyan::store::test {
namespace {

using vault::KeyRing;
using vault::MasterKey;

MasterKey copy_of(const MasterKey& key) {
  return *MasterKey::parse(key.text());
}

class Vault : public StoreTest {
 protected:
  VaultStore vault() { return VaultStore(store()); }
  // A mailbox with a sealed secret, as binding makes it.
  void bind(const std::string& address, const KeyRing& keys) {
    const auto record = vault::seal_record(keys, {address}, Secret::copy_of("code of " + address));
    auto bound = client().run(
        MailboxStore(store()).bind(address, {{"status", "normal"}, {"secret", record}}));
    EXPECT_TRUE(bound);
  }
  vault::RecordAccess access() {
    return {
        .read =
            [this](const std::string& address) { return client().run(vault().secret(address)); },
        .swap =
            [this](const std::string& address, const std::string& before,
                   const std::string& after) {
              if (swaps_left_-- == 0) return Result<bool>(fail(Scope::kProcess, "killed"));
              return client().run(vault().swap(address, before, after));
            }};
  }
  Result<vault::Rotation> rotate(const KeyRing& keys) {
    return vault::rotate(keys, run(MailboxStore(store()).all()), access());
  }
  std::string opened(const KeyRing& keys, const std::string& address) {
    const auto secret = vault::open_record(keys, {address}, run(vault().secret(address)));
    return secret ? std::string(secret->reveal()) : std::string(secret.error().code);
  }

  int swaps_left_ = -1;
};

TEST_F(Vault, RotationMovesEverySecretAndCanBeInterrupted) {
  const KeyRing old{MasterKey::generate()};
  for (int n = 0; n < 20; ++n) bind("box" + std::to_string(n) + "@x.example", old);
  EXPECT_TRUE(client().run(MailboxStore(store()).bind("new@x.example", {{"status", "normal"}})));
  KeyRing both{MasterKey::generate()};
  both.previous.push_back(copy_of(old.current));

  swaps_left_ = 7;
  EXPECT_FALSE(rotate(both));
  for (int n = 0; n < 20; ++n) {  // half done, all of it opens
    const std::string address = "box" + std::to_string(n) + "@x.example";
    EXPECT_EQ(opened(both, address), "code of " + address);
  }
  swaps_left_ = -1;
  auto counts = rotate(both);
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->resealed, 13U);
  EXPECT_EQ(counts->current, 7U);
  EXPECT_EQ(counts->none, 1U);
  EXPECT_TRUE(counts->failed.empty());
  EXPECT_EQ(rotate(both)->resealed, 0U);

  const KeyRing only_new{copy_of(both.current)};
  EXPECT_EQ(opened(only_new, "box3@x.example"), "code of box3@x.example");
  EXPECT_EQ(opened(old, "box3@x.example"), "vault-unknown-key");
}

TEST_F(Vault, ARecordMovedInRedisIsRefused) {
  const KeyRing keys{MasterKey::generate()};
  bind("a@x.example", keys);
  bind("b@x.example", keys);
  const std::string stolen = run(vault().secret("a@x.example"));
  call({"HSET", "hongyan:{b@x.example}:mailbox", "secret", stolen});
  EXPECT_EQ(opened(keys, "b@x.example"), "vault-swapped");
  EXPECT_EQ(opened(keys, "a@x.example"), "code of a@x.example");
}

TEST_F(Vault, SwapLeavesWhatWasChangedOrDeleted) {
  bind("a@x.example", KeyRing{MasterKey::generate()});
  const std::string first = run(vault().secret("a@x.example"));
  EXPECT_TRUE(run(vault().swap("a@x.example", first, "second")));
  EXPECT_FALSE(run(vault().swap("a@x.example", first, "third")));
  EXPECT_EQ(run(vault().secret("a@x.example")), "second");
  EXPECT_TRUE(run(MailboxStore(store()).unbind("a@x.example")));
  EXPECT_FALSE(run(vault().swap("a@x.example", "second", "third")));
  EXPECT_EQ(run(vault().secret("a@x.example")), "");
  EXPECT_EQ(run(vault().secret("nobody@x.example")), "");
}

TEST_F(Vault, AnotherVaultsPublicKeyIsNotReplaced) {
  EXPECT_EQ(run(vault().load()).key_id, "");
  EXPECT_EQ(run(vault().publish({"k1", "public one"}, {})).key_id, "k1");
  EXPECT_EQ(run(vault().publish({"k2", "public two"}, {})).public_key, "public one");
  EXPECT_EQ(run(vault().publish({"k2", "public two"}, {"k0", "k1"})).public_key, "public two");
  EXPECT_EQ(run(vault().load()).key_id, "k2");
}

TEST_F(Vault, TheSaltIsMadeOnce) {
  EXPECT_EQ(run(vault().salt("first")), "first");
  EXPECT_EQ(run(vault().salt("second")), "first");
}

}  // namespace
}  // namespace hongyan::store::test
