#include "tests/unit/message/liquid/say.h"

#include <gtest/gtest.h>

namespace hongyan::liquid {
namespace {

using testing::say;

Options small() {
  Options options;
  options.limits = {10'000, 10'000, 100'000};
  return options;
}

TEST(LiquidLimit, StepsAreCounted) {
  EXPECT_EQ(say("a{% for i in (1..1000) %}{% for j in (1..1000) %}{% endfor %}{% endfor %}", "{}",
                small()),
            "! 1:38: takes more than 10000 steps: near `% for j in (1..1000) %}{% endfor %}{% en`");
  for (const char* source :
       {"{% for i in (1..9000000000) %}{% endfor %}",
        "{{ (1..9000000000) | size | plus: 1 }}{{ "
        "(1..9000000000) | join }}",
        "{% assign a = (1..2000) | join %}{% assign a = a | split: '' %}{% for i in (1..99) "
        "%}{% assign a = a | concat: a %}{% endfor %}"})
    EXPECT_TRUE(say(source, "{}", small()).contains("more than 10000 steps")) << source;
}

TEST(LiquidLimit, OutputIsBounded) {
  EXPECT_TRUE(say("{% for i in (1..2000) %}0123456789{% endfor %}", "{}", small())
                  .contains("writes more than 10000 bytes"));
  Options escaping = small();
  escaping.escapes_html = true;
  EXPECT_TRUE(say("{{ a }}", R"({"a":")" + std::string(4000, '&') + R"("})", escaping)
                  .contains("writes more than 10000 bytes"));
}

TEST(LiquidLimit, TextMadeOnTheWayIsBounded) {
  const std::string data = R"({"a":")" + std::string(1000, 'x') + R"("})";
  for (const char* source :
       {"{% for i in (1..99) %}{% assign a = a | append: a %}{% endfor %}",
        "{{ a | replace: 'x', a }}", "{{ a | replace: '', a }}", "{{ a | split: '' | join: a }}",
        "{% for i in (1..99) %}{% capture a %}{{ a }}{{ a }}{% endcapture %}{% endfor %}"})
    EXPECT_TRUE(say(source, data, small()).starts_with("! ")) << source;
}

TEST(LiquidLimit, ARangeIsNoArrayUntilItMustBe) {
  EXPECT_EQ(say("{{ (1..9000000000) | last }}{% if (1..9000000000) contains 5 %}y{% endif %}", "{}",
                small()),
            "9000000000y");
  EXPECT_EQ(say("{% for i in (1..9000000000) limit: 2 %}{{ i }}{% endfor %}", "{}", small()), "12");
}

}  // namespace
}  // namespace hongyan::liquid
