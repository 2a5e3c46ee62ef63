#include "tests/unit/message/liquid/say.h"

#include <gtest/gtest.h>

namespace hongyan::liquid {
namespace {

using testing::say;

TEST(LiquidTag, IfWritesTheFirstBranchThatHolds) {
  const std::string text =
      "{% if n == 1 %}one{% elsif n == 2 %}two{% else %}many{% endif %}"
      "{% unless n == 1 %}!{% endunless %}";
  EXPECT_EQ(say(text, R"({"n":1})"), "one");
  EXPECT_EQ(say(text, R"({"n":2})"), "two!");
  EXPECT_EQ(say(text), "many!");
}

TEST(LiquidTag, CaseWritesEveryClauseThatHolds) {
  const std::string text =
      "{% case level %} ignored {% when 'gold', 'silver' %}A{% when 'gold' or 'tin' %}B"
      "{% else %}C{% endcase %}";
  EXPECT_EQ(say(text, R"({"level":"gold"})"), "AB");
  EXPECT_EQ(say(text, R"({"level":"tin"})"), "B");
  EXPECT_EQ(say(text), "C");
}

TEST(LiquidTag, ForGoesOverArraysRangesObjectsAndOneText) {
  EXPECT_EQ(say("{% for i in a %}{{ i }},{% endfor %}", R"({"a":[3,1]})"), "3,1,");
  EXPECT_EQ(say("{% for i in (1..n) %}{{ i }}{% endfor %}", R"({"n":"4"})"), "1234");
  EXPECT_EQ(say("{% for p in o %}{{ p[0] }}={{ p[1] }};{% endfor %}", R"({"o":{"a":1,"b":2}})"),
            "a=1;b=2;");
  EXPECT_EQ(say("{% for i in 'text' %}{{ i }}{% endfor %}"), "text");
  EXPECT_EQ(say("{% for i in nobody %}x{% else %}none{% endfor %}"), "none");
}

TEST(LiquidTag, ForTakesAPartBreaksAndGoesOn) {
  EXPECT_EQ(say("{% for i in (1..9) limit: 3 offset: 2 %}{{ i }}{% endfor %}"), "345");
  EXPECT_EQ(say("{% for i in (1..9) reversed limit: 3 %}{{ i }}{% endfor %}"), "321");
  EXPECT_EQ(say("{% for i in a limit: 2 %}{{ i }}{% endfor %}"
                "{% for i in a offset: continue %}<{{ i }}>{% endfor %}",
                R"({"a":[1,2,3,4]})"),
            "12<3><4>");
  EXPECT_EQ(say("{% for i in (1..9) %}{% if i == 2 %}{% continue %}{% endif %}"
                "{% if i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}."),
            "13.");
}

TEST(LiquidTag, ForKnowsWhereItIs) {
  EXPECT_EQ(say("{% for i in (1..2) %}{% for j in (1..2) %}"
                "{{ forloop.parentloop.index }}{{ forloop.index0 }}{{ forloop.rindex }}"
                "{% if forloop.last %}|{% endif %}{% endfor %}{% endfor %}"),
            "102111|202211|");
  EXPECT_EQ(say("{% for i in (1..3) %}{{ forloop.length }}{{ forloop.name }} {% endfor %}"),
            "3i-(1..3) 3i-(1..3) 3i-(1..3) ");
}

TEST(LiquidTag, TablerowMakesRows) {
  EXPECT_EQ(say("{% tablerow i in (1..3) cols: 2 %}{{ i }}{% endtablerow %}"),
            "<tr class=\"row1\">\n<td class=\"col1\">1</td><td class=\"col2\">2</td></tr>\n"
            "<tr class=\"row2\"><td class=\"col1\">3</td></tr>\n");
}

TEST(LiquidTag, AssignAndCaptureOutliveTheirBlock) {
  EXPECT_EQ(say("{% for i in (1..2) %}{% assign x = i | times: 10 %}{% endfor %}{{ x }}"), "20");
  EXPECT_EQ(say("{% capture x %}a{{ 1 }}{% endcapture %}{{ x }}{{ x }}"), "a1a1");
}

TEST(LiquidTag, CountersAndCyclesGoOn) {
  EXPECT_EQ(say("{% increment a %}{% increment a %}{% decrement b %}{{ a }}"), "01-12");
  EXPECT_EQ(say("{% for i in (1..3) %}{% cycle 'odd', 'even' %} {% endfor %}"), "odd even odd ");
  EXPECT_EQ(say("{% cycle g: 1, 2 %}{% cycle g: 1, 2 %}{% cycle 'h': 1, 2 %}"), "121");
}

TEST(LiquidTag, RawAndCommentsMeanNothing) {
  EXPECT_EQ(say("{% raw %}{{ a }}{% if %}{% endraw %}"), "{{ a }}{% if %}");
  EXPECT_EQ(say("a{% comment %}{% if %}{% comment %}x{% endcomment %}{{ | }}{% endcomment %}b"),
            "ab");
  EXPECT_EQ(say("a{% # a note\n  # and more %}b"), "ab");
}

TEST(LiquidTag, LiquidHoldsATagALine) {
  EXPECT_EQ(
      say("{% liquid\n  assign a = 2\n  # a note\n  if a > 1\n    echo a | plus: 1\n  endif\n%}"),
      "3");
}

TEST(LiquidTag, DashesTakeWhiteSpaceAway) {
  EXPECT_EQ(say("a \n {{- 1 -}} \n b {%- if true -%} c {%- endif %} d"), "a1bc d");
}

TEST(LiquidTag, ABlockThatCanWriteNothingWritesNoBlanks) {
  EXPECT_EQ(say("a{% if true %} {% assign x = 1 %} {% endif %}b"), "ab");
  EXPECT_EQ(say("a{% if true %} {{ x }} {% endif %}b"), "a  b");
}

}  // namespace
}  // namespace hongyan::liquid
