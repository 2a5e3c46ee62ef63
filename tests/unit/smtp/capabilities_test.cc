#include "engine/smtp/capabilities.h"

#include <gtest/gtest.h>

namespace hongyan::smtp {
namespace {

TEST(Capabilities, KeywordsOfAnyCaseAreRead) {
  const Capabilities found = parse_ehlo(
      "mx.example\nPIPELINING\nsize 1000\n8BitMIME\nSMTPUTF8\nENHANCEDSTATUSCODES\nCHUNKING\n"
      "STARTTLS\nAUTH CRAM-MD5 plain xoauth2 OAuthBearer\nAUTH=LOGIN\nX-UNKNOWN 1");
  EXPECT_EQ(found, (Capabilities{.pipelining = true,
                                 .eight_bit_mime = true,
                                 .smtputf8 = true,
                                 .enhanced_codes = true,
                                 .chunking = true,
                                 .starttls = true,
                                 .size = true,
                                 .size_limit = 1000,
                                 .auth_plain = true,
                                 .auth_login = true,
                                 .auth_oauthbearer = true,
                                 .auth_xoauth2 = true}));
}

TEST(Capabilities, TheServersNameIsNoCapability) {
  EXPECT_EQ(parse_ehlo("PIPELINING"), Capabilities{});
  EXPECT_EQ(parse_ehlo(""), Capabilities{});
}

TEST(Capabilities, SizeWithoutAUsableNumberIsNoLimit) {
  for (const char* line :
       {"x\nSIZE", "x\nSIZE 0", "x\nSIZE abc", "x\nSIZE -1", "x\nSIZE 99999999999999999999999"}) {
    EXPECT_TRUE(parse_ehlo(line).size) << line;
    EXPECT_EQ(parse_ehlo(line).size_limit, 0u) << line;
  }
}

}  // namespace
}  // namespace hongyan::smtp
