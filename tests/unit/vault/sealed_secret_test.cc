#include "mailbox/vault/sealed_secret.h"

#include "mailbox/vault/text_form.h"
#include "tests/unit/vault/vault_support.h"

namespace hongyan::vault {
namespace {

using test::code_of;
using test::ring_of;

constexpr std::string_view kPassword = "QWERTYUIOPASDFGH";
constexpr Mailbox kLi{"acme", "li@163.example"};

class SealedSecret : public ::testing::Test {
 protected:
  KeyRing ring_ = ring_of(MasterKey::generate());
  std::string text_ =
      *seal_secret(ring_.current.pair().public_key, kLi, Secret::copy_of(kPassword));
};

TEST_F(SealedSecret, OpensForItsMailbox) {
  EXPECT_EQ(open_secret(ring_, kLi, text_)->reveal(), kPassword);
  EXPECT_EQ(text_.size(), (32 + kPassword.size() + 16) * 4 / 3 + 1);
}

TEST_F(SealedSecret, ForAnotherTenantAddressOrVaultIsRefused) {
  EXPECT_EQ(code_of(open_secret(ring_, {"other", kLi.address}, text_)), "vault-refused");
  EXPECT_EQ(code_of(open_secret(ring_, {"", kLi.address}, text_)), "vault-refused");
  EXPECT_EQ(code_of(open_secret(ring_, {kLi.tenant, "wang@163.example"}, text_)), "vault-refused");
  EXPECT_EQ(code_of(open_secret(ring_of(MasterKey::generate()), kLi, text_)), "vault-refused");
}

TEST_F(SealedSecret, SealedToAKeyBeforeTheCurrentOneStillOpens) {
  KeyRing later{MasterKey::generate()};
  later.previous.push_back(MasterKey::generate());
  later.previous.push_back(std::move(ring_.current));
  EXPECT_EQ(open_secret(later, kLi, text_)->reveal(), kPassword);
}

TEST_F(SealedSecret, EveryChangedByteIsRefused) {
  for (std::size_t at = 0; at < text_.size(); ++at)
    for (const char c : std::string_view("A-_+/=.0 \0\xff", 11)) {
      std::string changed = text_;
      if (changed[at] == c) continue;
      changed[at] = c;
      const auto secret = open_secret(ring_, kLi, changed);
      // The highest bit of an X25519 key does not count (RFC 7748 5), but the schedule mixes in the
      // bytes as they came.
      ASSERT_FALSE(secret) << at;
      EXPECT_EQ(secret.error().detail.find(kPassword.substr(0, 4)), std::string::npos);
    }
}

TEST_F(SealedSecret, CutOffAnywhereIsRefused) {
  for (std::size_t size = 0; size < text_.size(); ++size)
    EXPECT_FALSE(open_secret(ring_, kLi, text_.substr(0, size))) << size;
  EXPECT_EQ(code_of(open_secret(ring_, kLi, "hunter2")), "vault-malformed");
  EXPECT_EQ(code_of(open_secret(ring_, kLi, std::string(1 << 20, 'A'))), "vault-malformed");
}

TEST_F(SealedSecret, PublicKeysComeAsText) {
  const std::string& key = ring_.current.pair().public_key;
  EXPECT_EQ(*parse_public_key(to_text(key)), key);
  for (const std::string& text : {std::string(), to_text(key) + "A", to_text(key.substr(1)), key})
    EXPECT_EQ(code_of(parse_public_key(text)), "vault-public-key");
  EXPECT_EQ(code_of(seal_secret(std::string(32, '\0'), kLi, Secret::copy_of("x"))),
            "vault-public-key");
}

}  // namespace
}  // namespace hongyan::vault
