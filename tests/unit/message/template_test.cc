#include "engine/message/template.h"

#include <gtest/gtest.h>

#include <string>

namespace hongyan::message {
namespace {

using Kind = Segment::Kind;

std::vector<Segment> segments_of(std::string_view text) {
  Faults faults;
  auto parsed = parse_template(text, "text", faults);
  EXPECT_TRUE(faults.empty()) << faults[0].sentence();
  return std::move(parsed.segments);
}

TEST(Template, LiteralsAndVariablesComeInOrder) {
  const auto segments =
      segments_of("你好 {{ name | default: \"朋友\" }}, {{姓名}} }} {x}{{ html | raw }}");
  ASSERT_EQ(segments.size(), 6u);
  EXPECT_EQ(segments[0].text, "你好 ");
  EXPECT_EQ(segments[1].kind, Kind::kVariable);
  EXPECT_EQ(segments[1].text, "name");
  EXPECT_EQ(segments[1].fallback, "朋友");
  EXPECT_EQ(segments[3].text, "姓名");
  EXPECT_EQ(segments[3].fallback, std::nullopt);
  EXPECT_EQ(segments[4].text, " }} {x}");
  EXPECT_TRUE(segments[5].raw);
}

TEST(Template, OnlyWhatNeedsTheLanguageIsEvaluated) {
  const auto segments = segments_of("a{% if x %}b{% endif %}c{{ y | upcase }}{{ z }}");
  ASSERT_EQ(segments.size(), 5u);
  EXPECT_EQ(segments[1].kind, Kind::kEvaluated);
  EXPECT_EQ(segments[1].text, "{% if x %}b{% endif %}");
  EXPECT_EQ(segments[2].kind, Kind::kLiteral);
  EXPECT_EQ(segments[3].kind, Kind::kEvaluated);
  EXPECT_EQ(segments[4].kind, Kind::kVariable);
}

TEST(Template, AVariableThatTheTemplateSetsIsEvaluated) {
  for (const char* text :
       {"{% assign x = 1 %}{{ x }}", "{% capture x %}1{% endcapture %}{{ x }}",
        "{% increment x %}{{ x }}", "{% if a %}{% assign x = 1 %}{% endif %}{{ x }}"})
    EXPECT_EQ(segments_of(text).back().kind, Kind::kEvaluated) << text;
}

TEST(Template, ABreakOutsideOfALoopEndsTheWholeOfIt) {
  const auto segments = segments_of("a{% if x %}{% break %}{% endif %}b");
  ASSERT_EQ(segments.size(), 1u);
  EXPECT_EQ(segments[0].kind, Kind::kEvaluated);
}

TEST(Template, EveryFaultIsLocatedByLineAndCharacterWithAnExcerpt) {
  Faults faults;
  parse_template("你好 {{ 1 | }}\n  {{ a | upper }}{{ b \n{% if x %}", "html", faults);
  ASSERT_EQ(faults.size(), 3u);
  EXPECT_EQ(faults[0].where, "html:1:11");
  EXPECT_EQ(faults[1].where, "html:2:10");
  EXPECT_EQ(faults[1].hint, "near `{{ a | upper }}{{ b`");
  EXPECT_EQ(faults[2].where, "html:2:18");
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

}  // namespace
}  // namespace hongyan::message
