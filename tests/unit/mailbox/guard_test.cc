#include "mailbox/guard/fingerprint.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hongyan::mailbox {
namespace {

struct Customer {
  std::string name, company, product;
};
const std::vector<Customer> kCustomers = {{"Anna", "Nordlicht GmbH", "valves"},
                                          {"Bob Miller", "Acme Corp.", "pumps"},
                                          {"María José", "Tuberías SA", "pipes"},
                                          {"王伟", "上海贸易有限公司", "bearings"},
                                          {"Dr. Olu Ade", "Lagos Imports", "seals"}};

std::string offer(const Customer& to) {
  return "Dear " + to.name +
         ",\n\nwe are a factory in Ningbo with twenty years of experience in making " + to.product +
         " for the building trade. Many importers in Europe and America trust our quality, and we "
         "deliver within thirty days from the order at a price that leaves you a good margin. "
         "I saw that " +
         to.company +
         " is active in this market. May I send you our catalogue and a free sample of what you "
         "need most? Please tell me which sizes you buy and how many pieces a month.\n\n"
         "Best regards\nLily\n";
}

const std::string kSigned =
    "Best regards\nLily Chen, export manager\nNingbo Sunrise Hardware Co., Ltd.\n"
    "Phone and WhatsApp on request, visit our stand at the fair\n";

const std::vector<std::string> kLetters = {
    "Dear Anna,\nthe container left Ningbo on Monday and should reach Hamburg on the third of "
    "March. I attach the bill of lading and the packing list.\n",
    "Hello Bob,\nI asked our engineer about the cracked housing. He thinks the screws were too "
    "tight and we send you six new ones by air, free of charge.\n",
    "Dear María,\nthank you for the drawings. The wall is too thin at the flange for casting, "
    "could "
    "you accept two more millimetres there? Then the tool costs stay as offered.\n",
    "Dear Olu,\nyour bank returned the letter of credit because the name of the port is misspelt. "
    "Please have it amended, we keep the goods in our store until then.\n",
};

TEST(Fingerprint, LettersOfOneTemplateAreAlike) {
  for (const Customer& a : kCustomers)
    for (const Customer& b : kCustomers)
      EXPECT_TRUE(are_alike(fingerprint("Our offer for " + a.company, offer(a)),
                            fingerprint("Our offer for " + b.company, offer(b))))
          << a.name << ", " << b.name;
}

TEST(Fingerprint, SoAreChineseOnes) {
  const auto letter = [](const std::string& name) {
    return fingerprint("新产品报价",
                       name +
                           "您好，我们是宁波一家生产五金配件的工厂，有二十年的出口经验，"
                           "产品质量稳定，交货及时，价格有竞争力。如您有需要，"
                           "请告诉我们规格和数量，我们将尽快为您报价并免费提供样品。");
  };
  EXPECT_TRUE(are_alike(letter("王经理"), letter("李先生")));
}

TEST(Fingerprint, DifferentLettersAreNotAlikeThoughTheSignatureIsTheSame) {
  for (std::size_t i = 0; i < kLetters.size(); ++i)
    for (std::size_t k = i + 1; k < kLetters.size(); ++k)
      EXPECT_FALSE(
          are_alike(fingerprint("", kLetters[i] + kSigned), fingerprint("", kLetters[k] + kSigned)))
          << i << ", " << k;
}

TEST(Fingerprint, WhatAWriterVariesForNothingDoesNotCount) {
  const std::string text = offer(kCustomers[0]);
  const auto plain = fingerprint("Offer 1", text);
  EXPECT_EQ(plain, fingerprint("OFFER 2!", text));
  EXPECT_EQ(plain, fingerprint("Offer", text + "-- \nAnother signature\n"));
  EXPECT_EQ(plain, fingerprint("Offer", "> what you wrote\r\n" + text));
  EXPECT_EQ(fingerprint("", "see https://a.example/1 now"),
            fingerprint("", "see https://b.example/other?x=2 now"));
}

TEST(Fingerprint, BytesThatAreNoTextHarmNothing) {
  for (const char* text : {"", "\xff\xfe", "\xe4", "\xf0\x9f", "a\xc3"}) fingerprint(text, text);
}

TEST(Fingerprint, StaysTheSameForStoredOnes) {
  EXPECT_EQ(fingerprint("Hello", "wide world"), fingerprint("hello", "Wide World"));
  EXPECT_EQ(fingerprint("", ""), 0U);
}

}  // namespace
}  // namespace hongyan::mailbox
