#include "engine/dkim/signer.h"

#include "base/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace hongyan::dkim {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kMessage =
    "From: Acme <news@acme.example>\r\n"
    "subject: Spring\r\n"
    " sale\r\n"
    "To: li@example.cn\r\n"
    "Received: one\r\n"
    "Received: two\r\n"
    "Date: Mon, 05 Jan 2026 08:00:00 +0800\r\n"
    "Message-ID: <a@acme.example>\r\n"
    "X-Note: not signed\r\n"
    "MIME-Version: 1.0\r\n"
    "\r\n"
    "Hello\r\n";
constexpr WallTime kAt{Millis{1'767'571'200'999}};

const Signer& signer() {
  static const Signer made({{"acme.example", "r1", Key::generate(Algorithm::kRsaSha256)},
                            {"acme.example", "e1", Key::generate(Algorithm::kEd25519Sha256)}});
  return made;
}

std::string sign(std::vector<std::string_view> pieces) {
  BodyHashes bodies;
  const Draft draft = signer().draft(pieces, kAt, bodies);
  const auto signature = signer().sign(draft);
  EXPECT_EQ(signature->size(), signer().size_of(draft));
  return *signature;
}

std::string unfolded(std::string text) {
  for (std::size_t at; (at = text.find("\r\n\t")) != std::string::npos;) text.erase(at, 3);
  return text;
}

TEST(Signer, OneFieldPerIdentityWithItsTags) {
  const std::string fields = unfolded(sign({kMessage}));
  const std::size_t second = fields.find("\r\n") + 2;
  const std::string rsa = fields.substr(0, second);
  const std::string ed25519 = fields.substr(second);
  EXPECT_TRUE(rsa.starts_with("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;"));
  EXPECT_TRUE(ed25519.starts_with("DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;"));
  for (const std::string& field : {rsa, ed25519}) {
    EXPECT_THAT(field, HasSubstr("d=acme.example;"));
    EXPECT_THAT(field, HasSubstr("t=1767571200;"));
    EXPECT_THAT(field, Not(HasSubstr("l=")));
  }
  EXPECT_THAT(rsa, HasSubstr("s=r1;"));
  EXPECT_THAT(ed25519, HasSubstr("s=e1;"));
}

TEST(Signer, EachNameStandsOnceMoreThanInTheMessage) {
  EXPECT_THAT(unfolded(sign({kMessage})),
              HasSubstr("h=From:From:Reply-To:Subject:Subject:Date:Date:To:To:Cc:Message-ID:"
                        "Message-ID:In-Reply-To:References:MIME-Version:MIME-Version:Content-Type:"
                        "Content-Transfer-Encoding:List-Id:List-Unsubscribe:"
                        "List-Unsubscribe-Post:Feedback-ID;"));
}

TEST(Signer, FieldsThatAreThereTwiceAreTakenFromBelow) {
  BodyHashes bodies;
  const std::vector<std::string_view> message = {"To: a@x.example\r\nTo: b@x.example\r\n\r\n"};
  EXPECT_EQ(signer().draft(message, kAt, bodies).fields, "to:b@x.example\r\nto:a@x.example\r\n");
}

TEST(Signer, TheSameMessageGivesTheSameBytesHoweverItIsCut) {
  const std::string whole = sign({kMessage});
  for (std::size_t at = 0; at <= kMessage.size(); ++at)
    ASSERT_EQ(sign({kMessage.substr(0, at), kMessage.substr(at)}), whole) << at;
}

TEST(Signer, ChangedSignedBytesChangeTheSignatureAndOthersDoNot) {
  const auto with = [](std::string_view from, std::string_view to) {
    std::string text(kMessage);
    text.replace(text.find(from), from.size(), to);
    return sign({text});
  };
  const std::string original = sign({kMessage});
  EXPECT_NE(with("Spring", "spring"), original);
  EXPECT_NE(with("Hello", "Hallo"), original);
  EXPECT_EQ(with("Received: two\r\n", ""), original);
  EXPECT_EQ(with("not signed", "changed"), original);
  EXPECT_EQ(with("Hello\r\n", "Hello \t\r\n\r\n"), original);
}

TEST(Signer, LinesAreShort) {
  const std::string fields = sign({kMessage});
  for (std::string_view line : split(fields, '\n')) EXPECT_LE(line.size(), 79U) << line;
  EXPECT_TRUE(fields.ends_with("\r\n"));
}

TEST(Signer, MessageWithoutBodyIsSigned) {
  EXPECT_THAT(unfolded(sign({"From: a@x.example\r\n\r\n"})),
              HasSubstr("bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;"));
}

TEST(Signer, LongDomainsAndSelectorsHaveLinesOfTheirOwn) {
  const std::string domain = std::string(60, 'a') + "." + std::string(60, 'b') + ".example";
  const Signer longer({{domain, std::string(60, 's'), Key::generate(Algorithm::kEd25519Sha256)}});
  BodyHashes bodies;
  const std::vector<std::string_view> message = {kMessage};
  const Draft draft = longer.draft(message, kAt, bodies);
  EXPECT_THAT(longer.sign(draft).value(), HasSubstr("\r\n\td=" + domain + ";\r\n\ts=sss"));
}

}  // namespace
}  // namespace hongyan::dkim
