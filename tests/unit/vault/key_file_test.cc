#include "mailbox/vault/key_file.h"

#include "tests/unit/vault/vault_support.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

namespace hongyan::vault {
namespace {

namespace fs = std::filesystem;
using test::code_of;
using test::kCountingKey;

class KeyFile : public ::testing::Test {
 protected:
  KeyFile() {
    std::string name = fs::temp_directory_path() / "hongyan-vault-XXXXXX";
    folder_ = mkdtemp(name.data());
    unsetenv("HONGYAN_VAULT_KEY");
  }
  ~KeyFile() override { fs::remove_all(folder_); }
  fs::path write(const std::string& name, std::string_view text, mode_t mode = 0600) {
    std::ofstream(folder_ / name) << text;
    chmod((folder_ / name).c_str(), mode);
    return folder_ / name;
  }

  fs::path folder_;
};

TEST_F(KeyFile, IsWrittenForItsOwnerAndNeverTwice) {
  const MasterKey key = MasterKey::generate();
  const fs::path path = folder_ / "vault.key";
  ASSERT_TRUE(save_key(key, path));
  struct stat about{};
  stat(path.c_str(), &about);
  EXPECT_EQ(about.st_mode & 07777, 0600U);
  EXPECT_EQ(load_key(path)->id(), key.id());
  EXPECT_EQ(code_of(save_key(MasterKey::generate(), path)), "vault-key-exists");
  EXPECT_EQ(load_key(path)->id(), key.id());
}

TEST_F(KeyFile, IsRefusedWhenOthersMayUseIt) {
  for (const mode_t mode : {0640, 0604, 0620, 0602, 0610, 0601, 0644, 0666}) {
    const auto key = load_key(write("open.key", kCountingKey, mode));
    ASSERT_EQ(code_of(key), "vault-key-mode") << std::oct << mode;
    EXPECT_NE(key.error().detail.find("chmod 600 " + (folder_ / "open.key").string()),
              std::string::npos)
        << key.error().detail;
  }
  EXPECT_TRUE(load_key(write("open.key", kCountingKey, 0400)));
}

TEST_F(KeyFile, ErrorsNameThePathAndNotTheContent) {
  const auto wrong = load_key(write("wrong.key", "hunter2hunter2"));
  EXPECT_EQ(code_of(wrong), "vault-key");
  EXPECT_NE(wrong.error().detail.find((folder_ / "wrong.key").string()), std::string::npos);
  EXPECT_EQ(wrong.error().detail.find("hunter2"), std::string::npos);
  EXPECT_EQ(code_of(load_key(folder_ / "none")), "vault-key-file");
  EXPECT_EQ(code_of(load_key(folder_)), "vault-key-file");
  EXPECT_EQ(code_of(load_key(write("large.key", std::string(5000, 'x')))), "vault-key-file");
}

TEST_F(KeyFile, EnvironmentIsTakenOnceAndLeavesNoTrace) {
  setenv("HONGYAN_VAULT_KEY", std::string(kCountingKey).c_str(), 1);
  const char* const was = std::getenv("HONGYAN_VAULT_KEY");
  const auto key = take_key_of_environment();
  ASSERT_TRUE(key && *key);
  EXPECT_EQ((*key)->id(), "c8eb23dc41cf7dab");
  EXPECT_EQ(std::getenv("HONGYAN_VAULT_KEY"), nullptr);
  EXPECT_EQ(std::string(was, kCountingKey.size()), std::string(kCountingKey.size(), '\0'));
  EXPECT_FALSE(take_key_of_environment()->has_value());
}

TEST_F(KeyFile, WrongEnvironmentIsAnErrorWithoutItsValue) {
  setenv("HONGYAN_VAULT_KEY", "hunter2", 1);
  const auto key = take_key_of_environment();
  ASSERT_EQ(code_of(key), "vault-key");
  EXPECT_TRUE(key.error().detail.starts_with("HONGYAN_VAULT_KEY is no key"));
  EXPECT_EQ(key.error().detail.find("hunter2"), std::string::npos);
}

TEST_F(KeyFile, RingHasTheCurrentKeyAndThoseBefore) {
  const auto current = write("a.key", MasterKey::generate().text().reveal());
  const auto old = write("b.key", kCountingKey);
  const auto ring = load_keys({.key_file = current, .previous_key_files = {old, current}}, {});
  ASSERT_TRUE(ring && *ring);
  EXPECT_EQ((*ring)->current.id(), load_key(current)->id());
  ASSERT_EQ((*ring)->previous.size(), 1U);  // the current one is not told twice
  EXPECT_NE((*ring)->find("c8eb23dc41cf7dab"), nullptr);
  EXPECT_EQ((*ring)->find("0000000000000000"), nullptr);
}

TEST_F(KeyFile, RingFromPassphrases) {
  const KeySources sources{.passphrase_file = write("words", "correct horse battery\n")};
  EXPECT_TRUE(sources.needs_salt());
  std::string salt;
  for (char byte = 0; byte < 16; ++byte) salt += byte;
  EXPECT_EQ((*load_keys(sources, salt))->current.id(), "31210b13c1878e1f");
  const auto open =
      load_keys({.passphrase_file = write("words", "correct horse battery", 0644)}, salt);
  EXPECT_EQ(code_of(open), "vault-key-mode");
}

TEST_F(KeyFile, NoKeyAndTwoKeysAreTold) {
  EXPECT_FALSE(load_keys({}, {})->has_value());
  const auto path = write("a.key", kCountingKey);
  EXPECT_EQ(code_of(load_keys({.key_file = path, .passphrase_file = path}, {})), "vault-key-twice");
  setenv("HONGYAN_VAULT_KEY", std::string(kCountingKey).c_str(), 1);
  EXPECT_EQ(code_of(load_keys({.key_file = path}, {})), "vault-key-twice");
}

}  // namespace
}  // namespace hongyan::vault
