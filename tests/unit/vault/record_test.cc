#include "mailbox/vault/record.h"

#include "base/text.h"
#include "tests/unit/vault/vault_support.h"

namespace hongyan::vault {
namespace {

using test::code_of;
using test::kCountingKey;
using test::key_of;
using test::ring_of;

constexpr std::string_view kPassword = "QWERTYUIOPASDFGH";
constexpr Owner kLi{"li@163.example"};

class Record : public ::testing::Test {
 protected:
  KeyRing ring_ = ring_of(key_of(kCountingKey));
  std::string record_ = seal_record(ring_, kLi, Secret::copy_of(kPassword));
};

TEST_F(Record, OpensForItsOwner) {
  const auto secret = open_record(ring_, kLi, record_);
  ASSERT_TRUE(secret) << secret.error().detail;
  EXPECT_EQ(secret->reveal(), kPassword);
}

TEST_F(Record, IsTextWithTheKeyIdInIt) {
  const auto words = split(record_, '.');
  ASSERT_EQ(words.size(), 5U);
  EXPECT_EQ(words[0], "1");
  EXPECT_EQ(words[1], ring_.current.id());
  EXPECT_EQ(record_.find(kPassword), std::string::npos);
  EXPECT_LT(record_.size(), 150U);
}

TEST_F(Record, TheSameSecretLooksDifferentEachTime) {
  const std::string other = seal_record(ring_, kLi, Secret::copy_of(kPassword));
  const auto a = split(record_, '.');
  const auto b = split(other, '.');
  for (const std::size_t word : {2, 3, 4}) EXPECT_NE(a[word], b[word]) << word;
}

TEST_F(Record, LongestAndShortestSecrets) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kMostSecretBytes}) {
    const Secret secret = Secret::copy_of(std::string(size, 'x'));
    const auto opened = open_record(ring_, kLi, seal_record(ring_, kLi, secret));
    ASSERT_TRUE(opened) << size;
    EXPECT_EQ(*opened, secret);
  }
}

TEST_F(Record, OfAnotherAddressIsSwapped) {
  EXPECT_EQ(code_of(open_record(ring_, {"wang@163.example"}, record_)), "vault-swapped");
  EXPECT_EQ(code_of(open_record(ring_, {"Li@163.example"}, record_)), "vault-swapped");
  EXPECT_EQ(code_of(open_record(ring_, {""}, record_)), "vault-swapped");
}

TEST_F(Record, OfAnotherPurposeIsSwapped) {
  EXPECT_EQ(code_of(open_record(ring_, {kLi.address, "refresh-token"}, record_)), "vault-swapped");
  // What one word loses the other may not win.
  EXPECT_EQ(code_of(open_record(ring_, {"li@163.examplelo", "gin"}, record_)), "vault-swapped");
}

TEST_F(Record, UnderAnUnknownKeyNamesTheKey) {
  const auto secret = open_record(ring_of(MasterKey::generate()), kLi, record_);
  ASSERT_EQ(code_of(secret), "vault-unknown-key");
  EXPECT_NE(secret.error().detail.find(ring_.current.id()), std::string::npos);
}

// A stolen record under another name of the key: the id is not what opens it.
TEST_F(Record, WithAnotherKeysIdIsAltered) {
  KeyRing both{MasterKey::generate()};
  both.previous.push_back(key_of(kCountingKey));
  record_.replace(2, kKeyIdSize, both.current.id());
  EXPECT_EQ(code_of(open_record(both, kLi, record_)), "vault-altered");
}

TEST_F(Record, OfALaterVersionIsToldApart) {
  record_[0] = '2';
  EXPECT_EQ(code_of(open_record(ring_, kLi, record_)), "vault-version");
}

TEST_F(Record, EveryChangedByteIsRefusedWithoutShowingTheSecret) {
  for (std::size_t at = 0; at < record_.size(); ++at)
    for (const char c : std::string_view("A-_+/=.0 \0\xff", 11)) {
      std::string changed = record_;
      if (changed[at] == c) continue;
      changed[at] = c;
      const auto secret = open_record(ring_, kLi, changed);
      ASSERT_FALSE(secret) << at << ' ' << changed;
      EXPECT_NE(secret.error().code, "vault-swapped") << at;
      EXPECT_EQ(secret.error().detail.find(kPassword.substr(0, 4)), std::string::npos);
    }
}

TEST_F(Record, EveryFlippedBitOfWhatIsSealedIsAltered) {
  const auto words = split(record_, '.');
  const std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const std::size_t first = record_.size() - words[4].size();
  for (std::size_t at = first; at + 1 < record_.size(); ++at)
    for (int bit = 0; bit < 6; ++bit) {
      std::string changed = record_;
      changed[at] = alphabet[alphabet.find(changed[at]) ^ (1U << bit)];
      EXPECT_EQ(code_of(open_record(ring_, kLi, changed)), "vault-altered") << at << ' ' << bit;
    }
}

TEST_F(Record, CutOffAnywhereIsRefused) {
  for (std::size_t size = 0; size < record_.size(); ++size) {
    const std::string code = code_of(open_record(ring_, kLi, record_.substr(0, size)));
    EXPECT_TRUE(code == "vault-malformed" || code == "vault-altered") << size << ' ' << code;
  }
  EXPECT_EQ(code_of(open_record(ring_, kLi, record_ + "A")), "vault-malformed");
  EXPECT_EQ(code_of(open_record(ring_, kLi, record_ + ".")), "vault-malformed");
  EXPECT_EQ(code_of(open_record(ring_, kLi, std::string(1 << 20, '.'))), "vault-malformed");
}

TEST_F(Record, HalvesOfTwoRecordsDoNotFit) {
  const std::string other = seal_record(ring_, {"wang@163.example"}, Secret::copy_of("another"));
  const auto a = split(record_, '.');
  const auto b = split(other, '.');
  for (std::size_t foreign = 2; foreign < 5; ++foreign) {
    std::string mixed(a[0]);
    for (std::size_t word = 1; word < 5; ++word)
      mixed.append(".").append(word == foreign ? b[word] : a[word]);
    EXPECT_EQ(code_of(open_record(ring_, kLi, mixed)), "vault-altered") << foreign;
  }
}

TEST_F(Record, ResealingMovesItUnderTheCurrentKey) {
  KeyRing both{MasterKey::generate()};
  both.previous.push_back(key_of(kCountingKey));
  const auto moved = reseal_record(both, kLi, record_);
  ASSERT_TRUE(moved && *moved);
  EXPECT_EQ(split(**moved, '.')[1], both.current.id());
  EXPECT_EQ(open_record(both, kLi, **moved)->reveal(), kPassword);
  EXPECT_FALSE(reseal_record(both, kLi, **moved)->has_value());  // again: nothing to do
  EXPECT_EQ(code_of(reseal_record(both, {"wang@163.example"}, record_)), "vault-swapped");
}

}  // namespace
}  // namespace hongyan::vault
