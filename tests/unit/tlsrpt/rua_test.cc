#include "engine/tlsrpt/rua.h"

#include <gmock/gmock.h>

namespace hongyan::tlsrpt {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(TlsReportRua, GoesWhereTheOneRecordSays) {
  const auto rua = [](std::vector<std::string> texts) { return find_rua(texts); };
  EXPECT_THAT(rua({"v=TLSRPTv1; rua=mailto:a@x.example,https://r.x.example/v1 ;", "v=spf1 -all"}),
              ElementsAre("mailto:a@x.example", "https://r.x.example/v1"));
  EXPECT_THAT(rua({"v=TLSRPTv1;rua=MAILTO:a@x.example"}), ElementsAre("MAILTO:a@x.example"));
  EXPECT_THAT(rua({"v=TLSRPTv1; rua=ftp://x.example"}), IsEmpty());
  EXPECT_THAT(rua({"v=TLSRPTv1; rua=mailto:a@x", "v=TLSRPTv1; rua=mailto:b@x"}), IsEmpty());
  EXPECT_THAT(rua({"v=TLSRPTv12; rua=mailto:a@x"}), IsEmpty());
  EXPECT_THAT(rua({"", ";", "v=TLSRPTv1"}), IsEmpty());
}

TEST(TlsReportRua, IsNoListOfAHundredStrangers) {
  std::string record = "v=TLSRPTv1; rua=mailto:a0@x.example";
  for (int i = 1; i < 100; ++i) record += ",mailto:a" + std::to_string(i) + "@x.example";
  EXPECT_EQ(find_rua(std::vector{record}).size(), kMostRua);
}

TEST(TlsReportRua, ReadsTheAddressOfAMailtoUri) {
  EXPECT_EQ(read_mailto("mailto:tls@x.example"), "tls@x.example");
  EXPECT_EQ(read_mailto("MAILTO:tls%2Bday@X.example?subject=hi"), "tls+day@x.example");
  EXPECT_EQ(read_mailto("mailto:a@x.example,b@x.example"), "a@x.example");
  for (const char* wrong :
       {"https://x.example", "mailto:", "mailto:%", "mailto:%4", "mailto:%zz@x.example",
        "tls@x.example", "mailto:a%0d%0aBcc:b@x.example", "mailto:x.example"})
    EXPECT_EQ(read_mailto(wrong), std::nullopt) << wrong;
}

TEST(TlsReportRua, ReadsHostPortAndTargetOfAnHttpsUri) {
  const auto read = [](std::string_view uri) {
    const auto place = read_https(uri);
    return place ? place->host + ' ' + std::to_string(place->port) + ' ' + place->target : "none";
  };
  EXPECT_EQ(read("https://R.x.example/v1/tls?a=b#c"), "r.x.example 443 /v1/tls?a=b");
  EXPECT_EQ(read("HTTPS://r.x.example:8443"), "r.x.example 8443 /");
  EXPECT_EQ(read("https://r.x.example?a"), "r.x.example 443 /?a");
  for (const char* wrong :
       {"http://x.example/", "https://", "https:///a", "https://127.0.0.1/", "https://[::1]/",
        "https://u@x.example/", "https://x.example:0/", "https://x.example:99999/",
        "https://x.example:8a/", "https://x.example:/", "https://x.example/a b",
        "https://x.example/a\r\nX: y", "mailto:a@x.example"})
    EXPECT_EQ(read(wrong), "none") << wrong;
}

}  // namespace
}  // namespace hongyan::tlsrpt
