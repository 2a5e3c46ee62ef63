#include "base/mime/fields.h"

#include <gtest/gtest.h>

namespace hongyan::mime {
namespace {

TEST(Fields, FoldedValuesAreJoinedAndNamesFoundInAnyCase) {
  std::string_view text =
      "Status: 5.1.1\r\nDiagnostic-Code: smtp; 550\r\n\t no such\r\n  user\r\n\r\nrest";
  const Fields fields = take_fields(text);
  EXPECT_EQ(fields.find("status"), "5.1.1");
  EXPECT_EQ(fields.find("diagnostic-code"), "smtp; 550 no such user");
  EXPECT_EQ(text, "rest");
}

TEST(Fields, ALineThatIsNoFieldBelongsToTheOneBefore) {
  std::string_view text = "Diagnostic-Code: smtp; 550 gone\nand never came back\nAction: failed\n";
  const Fields fields = take_fields(text);
  EXPECT_EQ(fields.find("diagnostic-code"), "smtp; 550 gone and never came back");
  EXPECT_EQ(fields.find("action"), "failed");
}

TEST(Fields, OnlyAThousandAreKept) {
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "a: b\n";
  std::string_view text = many;
  EXPECT_EQ(take_fields(text).size(), Fields::kMost);
}

TEST(Fields, ANameHasNoBlanksAndNoColonMeansNoField) {
  EXPECT_EQ(field_name("Final-Recipient : x"), "final-recipient");
  EXPECT_EQ(field_name("the host said: no"), "");
  EXPECT_EQ(field_name("nothing"), "");
}

}  // namespace
}  // namespace hongyan::mime
