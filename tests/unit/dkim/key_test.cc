#include "engine/dkim/key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace hongyan::dkim {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr WallTime kMade{std::chrono::seconds(1'780'000'000)};

class KeyFileTest : public ::testing::Test {
 protected:
  KeyFileTest() {
    std::string name = fs::temp_directory_path() / "hongyan-dkim-XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~KeyFileTest() override { fs::remove_all(folder_); }

  fs::path write(std::string_view text, mode_t mode = 0600) {
    const fs::path path = folder_ / "key.pem";
    std::ofstream(path) << text;
    chmod(path.c_str(), mode);
    return path;
  }
  std::string fault_of(std::string_view text) {
    const auto key = load_key(write(text));
    return key ? "" : key.error().detail;
  }

  fs::path folder_;
};

TEST_F(KeyFileTest, SavedKeyIsReadAgainAndOnlyItsOwnerMayReadIt) {
  for (const Algorithm algorithm : {Algorithm::kRsaSha256, Algorithm::kEd25519Sha256}) {
    const Key key = Key::generate(algorithm);
    const fs::path path = folder_ / name_of(algorithm);
    ASSERT_TRUE(save_key(key, path, kMade));
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    const auto read = load_key(path);
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->algorithm(), algorithm);
    EXPECT_EQ(read->record(), key.record());
    EXPECT_EQ(read->sign(sha256("x")).value(), key.sign(sha256("x")).value());
  }
}

TEST_F(KeyFileTest, TellsWhenItWasMadeWhateverTheTimeOfTheFile) {
  const fs::path path = folder_ / "dated";
  ASSERT_TRUE(save_key(Key::generate(Algorithm::kEd25519Sha256), path, kMade));
  EXPECT_EQ(key_made_at(path).value(), kMade);
}

TEST_F(KeyFileTest, WithoutThatLineTheTimeOfTheFileCounts) {
  const std::string pem = Key::generate(Algorithm::kEd25519Sha256).pem();
  for (const std::string& text : {pem, "Made: some day\n" + pem}) {
    const fs::path path = write(text);
    fs::last_write_time(path, std::chrono::file_clock::from_sys(kMade));
    EXPECT_EQ(key_made_at(path).value(), kMade);
  }
  EXPECT_FALSE(key_made_at(folder_ / "absent"));
}

TEST_F(KeyFileTest, NothingIsOverwritten) {
  const fs::path path = write("precious");
  const auto saved = save_key(Key::generate(Algorithm::kEd25519Sha256), path, kMade);
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().code, "key-exists");
  EXPECT_EQ(fs::file_size(path), 8U);
}

TEST_F(KeyFileTest, FilesOpenToOthersAreRefused) {
  const std::string pem = Key::generate(Algorithm::kEd25519Sha256).pem();
  for (const mode_t mode : {0644, 0620, 0602, 0601})
    EXPECT_THAT(load_key(write(pem, mode)).error().detail, HasSubstr("chmod 600")) << mode;
  for (const mode_t mode : {0600, 0400, 0640}) EXPECT_TRUE(load_key(write(pem, mode))) << mode;
}

TEST_F(KeyFileTest, WhatIsNoKeySaysWhatItIs) {
  EXPECT_THAT(load_key(folder_ / "absent").error().detail, HasSubstr("No such file"));
  EXPECT_THAT(load_key(folder_).error().detail, HasSubstr("no regular file"));
  EXPECT_THAT(fault_of("hello"), HasSubstr("no PEM"));
  EXPECT_THAT(fault_of(""), HasSubstr("no PEM"));
  EXPECT_THAT(fault_of("-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----\n"),
              HasSubstr("public key"));
  EXPECT_THAT(fault_of("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n"), HasSubstr("encrypted"));
  EXPECT_THAT(fault_of("-----BEGIN CERTIFICATE-----\nMIIB\n"), HasSubstr("certificate"));
  EXPECT_THAT(fault_of("-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"),
              HasSubstr("damaged"));
  std::string cut = Key::generate(Algorithm::kRsaSha256).pem();
  cut.erase(300, 200);
  EXPECT_THAT(fault_of(cut), HasSubstr("damaged"));
}

TEST_F(KeyFileTest, OtherTypesOfKeysAreRefused) {
  // prime256v1, made for this test.
  EXPECT_THAT(fault_of("-----BEGIN PRIVATE KEY-----\n"
                       "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg3X7OPm9srQWFo236\n"
                       "UQegxFTppoMq3FxpL7ZIUswc9lihRANCAAR2RYSUKB8j2UUXntDKzjr/s7/TZVK1\n"
                       "RfdlG4K0oHZPpMR4Mv1LMHVx/ceQJ0768wqkaG8yaf1IHBEhs2EMwSBR\n"
                       "-----END PRIVATE KEY-----\n"),
              HasSubstr("of type EC"));
}

TEST_F(KeyFileTest, ShortRsaKeysAreRefused) {
  EXPECT_THAT(fault_of(R"(-----BEGIN PRIVATE KEY-----
MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBAM7HlNde+6eUnNm5
3Y6m3eAxjm/Lw4oiALxd8mjvUXl03AcJWoIOKFR4nR1oxakcq6FHvkbe3Xftkoii
ag6DlAmma6PQm9D+MKXYLAABmUFrcVmRMd4u7nTWNMcbt/rcMB24rUO2hi3bJDxH
Irtct6F78PaoIt/S8b+IjlggcA5RAgMBAAECgYAlRmkYYfDvhqS3wv+jhYUdsxFA
KfU342VKj4zxSaLgSCaZxh/grfirMYrxEEABej+eNTahw+8cfWEa7Fw9/Y4j1DPD
yNjy6qZt1dpnxDtrIgsNEpfXd+7NNiX8lwJsjqhWUrviVPNHCM6dqcRch2qU0JBy
DLHH3LGyBaNNI/L7uQJBAO2dLDjHKeeGcSu3eUR+cisMqMgbKZvamxisVbwCnUED
IsmTd41VpMnOa74OrVfa6AR4NeYQj16+BqchMCtzlsMCQQDex56242+q2mM2hrF/
+M18f+0eytGHiy4DU0ApxgRZU0UmRB20qTu08f78ZrzwCSQvMwIWdIHOWwO9jo2a
Dz1bAkEA6+gBwZUqq2y06zxLL4+Cde8pmxIsq0nMdiCTNgg6bBNa9FpudWm0I4/H
NHiJ7RGvDND0YifKz7tGC6RNmLY31QJAa+19oNDSmo0un43llD/vHS/EqrRLikUN
R6MfZJ2AId5Lk9xQH+QU/vZ2N8V2Jzvmgc9OZZ6P/G7vgvf69fYIHQJACN5t7FT3
hULWRjl9oK++Kx1N0IAb4g/Cf7mV0C0PNQEGAFeAv9bnNlHk3UkIpPeDQRhBXkly
IKJgwGpxHFKBiQ==
-----END PRIVATE KEY-----
)"),
              HasSubstr("1024 bits; at least 2048"));
}

TEST(ZoneLine, IsCutIntoStringsOf255Bytes) {
  EXPECT_EQ(zone_line(record_name("s1", "acme.example"), "v=DKIM1; p=abc"),
            "s1._domainkey.acme.example. IN TXT ( \"v=DKIM1; p=abc\" )");
  const std::string record = Key::generate(Algorithm::kRsaSha256).record();
  ASSERT_GT(record.size(), 255U);
  EXPECT_EQ(zone_line(record_name("s1", "acme.example"), record),
            "s1._domainkey.acme.example. IN TXT ( \"" + record.substr(0, 255) + "\" \"" +
                record.substr(255) + "\" )");
}

}  // namespace
}  // namespace hongyan::dkim
