#include "mailbox/vault/hpke.h"

#include "mailbox/vault/hkdf.h"
#include "tests/unit/vault/vault_support.h"

namespace hongyan::vault {
namespace {

using test::unhex;

constexpr std::string_view kInfo = "Ode on a Grecian Urn";
constexpr std::string_view kPlain = "Beauty is truth, truth beauty";
constexpr std::string_view kAad = "Count-0";

struct Vector {
  Aead aead;
  std::string_view ikm_e, pk_e, ikm_r, sk_r, pk_r, ct;
};

// RFC 9180 A.1.1, and the vector of the same suite with AES-256-GCM (kem 32, kdf 1, aead 2, mode
// 0) from the test vectors that the RFC's appendix was made from.
constexpr Vector kVectors[] = {
    {Aead::kAes128Gcm, "7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234",
     "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
     "6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037",
     "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
     "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d",
     "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a"},
    {Aead::kAes256Gcm, "2cd7c601cefb3d42a62b04b7a9041494c06c7843818e0ce28a8f704ae7ab20f9",
     "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256",
     "dac33b0e9db1b59dbbea58d59a14e7b5896e9bdf98fad6891e99d1686492b9ee",
     "497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d",
     "430f4b9859665145a6b1ba274024487bd66f03a2dd577d7753c68d7d7d00c00c",
     "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a"},
};

TEST(Hkdf, VectorsOfRfc5869) {
  const Secret ikm = Secret::copy_of(std::string(22, '\x0b'));
  const Secret prk = hkdf_extract(unhex("000102030405060708090a0b0c"), ikm.reveal());
  EXPECT_EQ(prk.reveal(),
            unhex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"));
  EXPECT_EQ(hkdf_expand(prk, unhex("f0f1f2f3f4f5f6f7f8f9"), 42).reveal(),
            unhex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887"
                  "185865"));
  const Secret bare = hkdf_extract({}, ikm.reveal());  // A.3: no salt, no info
  EXPECT_EQ(bare.reveal(),
            unhex("19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04"));
  EXPECT_EQ(hkdf_expand(bare, {}, 42).reveal(),
            unhex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b6"
                  "1a96c8"));
}

TEST(Hpke, KeyPairsOfTheVectors) {
  for (const Vector& one : kVectors) {
    const KeyPair recipient = derive_key_pair(unhex(one.ikm_r));
    EXPECT_EQ(recipient.private_key.reveal(), unhex(one.sk_r));
    EXPECT_EQ(recipient.public_key, unhex(one.pk_r));
    EXPECT_EQ(derive_key_pair(unhex(one.ikm_e)).public_key, unhex(one.pk_e));
  }
}

TEST(Hpke, ScheduleOfA11) {
  const KeyPair recipient = derive_key_pair(unhex(kVectors[0].ikm_r));
  const auto shared = encapsulate(derive_key_pair(unhex(kVectors[0].ikm_e)), recipient.public_key);
  ASSERT_TRUE(shared);
  EXPECT_EQ(shared->reveal(),
            unhex("fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc"));
  EXPECT_EQ(*decapsulate(recipient, unhex(kVectors[0].pk_e)), *shared);
  const MessageKeys keys = key_schedule(Aead::kAes128Gcm, *shared, kInfo);
  EXPECT_EQ(keys.key.reveal(), unhex("4531685d41d65f03dc48f6b8302c05b0"));
  EXPECT_EQ(keys.nonce.reveal(), unhex("56d890e5accaaf011cff4b7d"));
}

TEST(Hpke, SealsAndOpensAsTheVectors) {
  for (const Vector& one : kVectors) {
    const std::string expected = unhex(one.pk_e) + unhex(one.ct);
    EXPECT_EQ(hpke_seal(unhex(one.pk_r), kInfo, kAad, kPlain, one.aead,
                        derive_key_pair(unhex(one.ikm_e))),
              expected);
    const auto opened =
        hpke_open(derive_key_pair(unhex(one.ikm_r)), kInfo, kAad, expected, one.aead);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->reveal(), kPlain);
  }
}

TEST(Hpke, EverythingMustBelongTogether) {
  const KeyPair own = generate_key_pair();
  const std::string sealed = *hpke_seal(own.public_key, kInfo, kAad, kPlain);
  EXPECT_TRUE(hpke_open(own, kInfo, kAad, sealed));
  EXPECT_FALSE(hpke_open(generate_key_pair(), kInfo, kAad, sealed));
  EXPECT_FALSE(hpke_open(own, "another info", kAad, sealed));
  EXPECT_FALSE(hpke_open(own, kInfo, "Count-1", sealed));
  EXPECT_FALSE(hpke_open(own, kInfo, {}, sealed));
  EXPECT_FALSE(hpke_open(own, kInfo, kAad, sealed, Aead::kAes128Gcm));
}

TEST(Hpke, NoTwoMessagesAreAlike) {
  const KeyPair own = generate_key_pair();
  EXPECT_NE(*hpke_seal(own.public_key, kInfo, kAad, kPlain),
            *hpke_seal(own.public_key, kInfo, kAad, kPlain));
}

TEST(Hpke, AnEmptyMessageIsOne) {
  const KeyPair own = generate_key_pair();
  const auto opened = hpke_open(own, kInfo, {}, *hpke_seal(own.public_key, kInfo, {}, {}));
  ASSERT_TRUE(opened);
  EXPECT_TRUE(opened->empty());
}

// RFC 7748 6.1, RFC 9180 7.1.4: with such a key the shared secret would be known to everybody.
TEST(Hpke, KeysOfLowOrderAreRefused) {
  std::string one(kPublicKeySize, '\0');
  EXPECT_FALSE(hpke_seal(one, kInfo, kAad, kPlain));
  one[0] = 1;
  EXPECT_FALSE(hpke_seal(one, kInfo, kAad, kPlain));
  EXPECT_FALSE(hpke_seal(unhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
                         kInfo, kAad, kPlain));
  EXPECT_FALSE(hpke_open(generate_key_pair(), kInfo, kAad, one + std::string(16, 'x')));
  EXPECT_FALSE(hpke_seal("short", kInfo, kAad, kPlain));
}

}  // namespace
}  // namespace hongyan::vault
