#include "engine/message/template.h"

#include <gtest/gtest.h>

#include <string>

namespace hongyan::message {
namespace {

TEST(Template, LiteralsAndVariablesComeInOrder) {
  Faults faults;
  const auto segments =
      parse_template("你好 {{ name | default: \"朋友\" }}, {{姓名}} }} {x}", "subject", faults);
  ASSERT_TRUE(faults.empty()) << faults[0].sentence();
  ASSERT_EQ(segments.size(), 5u);
  EXPECT_EQ(segments[0].literal, "你好 ");
  EXPECT_EQ(segments[1].variable, "name");
  EXPECT_EQ(segments[1].fallback, "朋友");
  EXPECT_EQ(segments[3].variable, "姓名");
  EXPECT_EQ(segments[3].fallback, std::nullopt);
  EXPECT_EQ(segments[4].literal, " }} {x}");
}

TEST(Template, EveryFaultIsLocatedByLineAndCharacter) {
  Faults faults;
  parse_template("你好 {{ 1 }}\n  {{ a | upper }}{{ b \n{% if x %}", "html", faults);
  ASSERT_EQ(faults.size(), 3u);
  EXPECT_EQ(faults[0].where, "html:1:7");
  EXPECT_EQ(faults[1].where, "html:2:10");
  EXPECT_EQ(faults[2].where, "html:3:1");
}

TEST(Template, AnUnclosedVariableIsAFaultWhereItBegins) {
  Faults faults;
  parse_template("a\nb {{ name", "text", faults);
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].where, "text:2:3");
}

TEST(Template, BoundsAndBrokenUtf8AreFaults) {
  std::string many;
  for (std::size_t i = 0; i <= kMaxVariables; ++i) many += "{{a}}";
  for (const std::string& text :
       {many, std::string(kMaxTemplateBytes + 1, 'x'), std::string("\xff")}) {
    Faults faults;
    parse_template(text, "text", faults);
    EXPECT_FALSE(faults.empty());
  }
}

TEST(Template, HostileTextTakesLinearTime) {
  for (const char* unit : {"{{", "{{a|", "{{ a | default: \"", "{", "{{a}", "{%"}) {
    std::string text;
    while (text.size() < (1u << 20)) text += unit;
    Faults faults;
    parse_template(text, "text", faults);  // quadratic would take minutes
    EXPECT_LE(faults.size(), 20u);
  }
}

}  // namespace
}  // namespace hongyan::message
