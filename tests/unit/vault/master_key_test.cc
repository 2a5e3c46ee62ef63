#include "mailbox/vault/master_key.h"

#include "tests/unit/vault/vault_support.h"

namespace hongyan::vault {
namespace {

using test::code_of;
using test::kCountingKey;
using test::key_of;
using test::unhex;

// Computed with Python's hashlib and cryptography from what master_key.h says.
TEST(MasterKey, IdAndPairFollowFromTheBytes) {
  const MasterKey key = key_of(kCountingKey);
  EXPECT_EQ(key.id(), "c8eb23dc41cf7dab");
  EXPECT_EQ(key.pair().public_key,
            unhex("a2d6861e2c613577b1e08581dac5ea23e324e4a3e8c1ba63d558d2519bbb8627"));
  EXPECT_EQ(fingerprint(key.pair().public_key),
            "SHA256:Hx70zgLKUvQK6OY3vJVciSeAvC5xMi5xBo7yECIVKAI");
}

TEST(MasterKey, TextComesBack) {
  const MasterKey key = MasterKey::generate();
  EXPECT_EQ(key_of(key.text().reveal()).id(), key.id());
  EXPECT_EQ(key_of(kCountingKey).text().reveal(), kCountingKey);
  EXPECT_NE(MasterKey::generate().id(), key.id());
}

TEST(MasterKey, BlanksAroundTheTextAreDropped) {
  EXPECT_EQ(key_of("  " + std::string(kCountingKey) + " \r\n").id(), "c8eb23dc41cf7dab");
}

TEST(MasterKey, OtherTextsAreRefusedWithoutShowingThem) {
  for (const std::string_view text :
       {"", "secret", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8h",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==",
        "-AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"}) {
    const auto key = MasterKey::parse(Secret::copy_of(text));
    EXPECT_EQ(code_of(key), "vault-key") << text;
    if (!key && !text.empty())
      EXPECT_EQ(key.error().detail.find(text), std::string::npos) << key.error().detail;
  }
}

// scrypt by Python's hashlib with the same numbers.
TEST(MasterKey, PassphraseThroughScrypt) {
  std::string salt;
  for (char byte = 0; byte < 16; ++byte) salt += byte;
  const auto key = MasterKey::of_passphrase(Secret::copy_of("correct horse battery\n"), salt);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->id(), "31210b13c1878e1f");
}

TEST(MasterKey, ShortPassphrasesAndSaltsAreRefused) {
  EXPECT_EQ(
      code_of(MasterKey::of_passphrase(Secret::copy_of("elevenchars\n"), std::string(16, 's'))),
      "vault-key");
  EXPECT_EQ(code_of(MasterKey::of_passphrase(Secret::copy_of("correct horse battery"), "salt")),
            "vault-key");
}

}  // namespace
}  // namespace hongyan::vault
