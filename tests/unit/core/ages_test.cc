#include "engine/core/ages.h"

#include "engine/core/dkim_keys.h"
#include "engine/dkim/key.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace hongyan::engine {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr WallTime kNow{std::chrono::seconds(1'790'000'000)};

// Ends 2054-04-07 15:43:33 UTC.
constexpr const char* kCertificate = R"(-----BEGIN CERTIFICATE-----
MIIBPjCB8aADAgECAhReyBJdQjKD0zkc4oo6zq5jLRRwvTAFBgMrZXAwFDESMBAG
A1UEAwwJdS5leGFtcGxlMCAXDTI2MTEyMTE1NDMzM1oYDzIwNTQwNDA3MTU0MzMz
WjAUMRIwEAYDVQQDDAl1LmV4YW1wbGUwKjAFBgMrZXADIQAfZmomZyX4B/eASv6z
O9CCwOHGg5+t8u7CZWcn3SJavqNTMFEwHQYDVR0OBBYEFBnP3da6NllExoEWxiVc
jWZPCCf8MB8GA1UdIwQYMBaAFBnP3da6NllExoEWxiVcjWZPCCf8MA8GA1UdEwEB
/wQFMAMBAf8wBQYDK2VwA0EAZx2TM/6r+Jc6SbmyvMmNDYxswiMTvFWX5EFxT61J
rNDMdwPOL2Kg7Aiwh3mWgUvUYx0fy4hfpUNDr3yNlv4dBQ==
-----END CERTIFICATE-----
)";

class Ages : public testing::Test {
 protected:
  Ages() {
    std::string name = fs::temp_directory_path() / "hongyan-ages-XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~Ages() override { fs::remove_all(folder_); }
  std::string write(const std::string& name, std::string_view text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }

  fs::path folder_;
};

TEST_F(Ages, CertificateEndsWhenItsFirstOneSays) {
  EXPECT_EQ(certificate_end(write("c.pem", kCertificate)).value(),
            WallTime(std::chrono::seconds(2659189413)));
  EXPECT_EQ(certificate_end(write("no.pem", "nothing")).error().code, "bad-certificate");
  EXPECT_EQ(certificate_end(folder_ / "absent").error().code, "bad-certificate");
}

TEST_F(Ages, OnlyListenersThatAreOpenCount) {
  config::Local local;
  local.public_pages.certificate_file = local.inbound.certificate_file =
      write("c.pem", kCertificate);
  EXPECT_TRUE(certificates_of(local).empty());
  local.inbound.listen = "127.0.0.1:0";
  const auto found = certificates_of(local);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].listener, "inbound");
}

TEST_F(Ages, OfKeysThatShareASelectorTheOldestIsShown) {
  config::Config config;
  config.local.folder = folder_;
  config.local.sources_here = {"s"};
  config.fleet.channels["quality"].sources = {"s"};
  for (const int days : {3, 400, 20}) {
    const std::string file = "k" + std::to_string(days) + ".pem";
    ASSERT_TRUE(dkim::save_key(dkim::Key::generate(dkim::Algorithm::kEd25519Sha256), folder_ / file,
                               kNow - std::chrono::days(days)));
    config.fleet.channels["quality"].dkim.push_back(
        {.domain = std::to_string(days) + ".example", .selector = "r1", .key = file});
  }
  const auto keys = DkimKeys::load(config);
  ASSERT_TRUE(keys);
  metrics::Registry registry;
  record_ages(registry, **keys, {{"public", kNow + std::chrono::hours(1)}}, kNow);
  const std::string text = registry.expose();
  EXPECT_THAT(text, HasSubstr("hongyan_dkim_key_age_seconds{channel=\"quality\",selector=\"r1\"} "
                              "34560000\n"));
  EXPECT_THAT(text, HasSubstr("hongyan_certificate_expires_seconds{listener=\"public\"} 3600\n"));
  EXPECT_THAT(text, Not(HasSubstr("listener=\"inbound\"")));
}

}  // namespace
}  // namespace hongyan::engine
