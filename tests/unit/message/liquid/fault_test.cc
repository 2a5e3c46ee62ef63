#include "tests/unit/message/liquid/say.h"

#include <gtest/gtest.h>

namespace hongyan::liquid {
namespace {

using testing::say;

std::vector<Complaint> faults(std::string_view source) {
  auto parsed = Template::parse(source);
  return parsed ? std::vector<Complaint>() : std::move(parsed.error());
}

TEST(LiquidFault, HasLineColumnAndExcerpt) {
  EXPECT_EQ(say("你好\n鸿雁 {{ name | upcas }}!"),
            "! 2:14: there is no filter `upcas`, but `upcase`: near `{{ name | upcas }}!`");
  EXPECT_EQ(say("{{ 'a }}"), "! 1:4: the quotes are never closed: near `{{ 'a }}`");
}

TEST(LiquidFault, AllWithinMarksAreFoundAtOnce) {
  const auto found = faults("{{ a b }}\n{% assign = 1 %}\n{{ a | truncate: 1, 2, 3 }}{{ | x }}");
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(found[0].place.line, 1u);
  EXPECT_EQ(found[1].place.line, 2u);
  EXPECT_EQ(found[2].place.column, 8u);
  EXPECT_EQ(found[3].what, "a value is needed instead of `|`");
}

TEST(LiquidFault, EveryKindOfSlipIsOne) {
  for (const char* source : {"{{ a",
                             "{% if a",
                             "{{ a.}}",
                             "{{ a[1 }}",
                             "{{ (1..) }}",
                             "{{ a | }}",
                             "{{ a | default: }}",
                             "{{ a | append }}",
                             "{{ a | upcase: 1 }}",
                             "{{ a | nobody }}",
                             "{{ a | append: x: 1 }}",
                             "{% %}",
                             "{% nobody %}",
                             "{% if %}{% endif %}",
                             "{% if a %}",
                             "{% if a = 1 %}{% endif %}",
                             "{% if a %}{% endfor %}",
                             "{% else %}",
                             "{% endif %}",
                             "{% for a %}{% endfor %}",
                             "{% for a in b foo: 1 %}{% endfor %}",
                             "{% case %}{% endcase %}",
                             "{% when 1 %}",
                             "{% case a %}{% when %}{% endcase %}",
                             "{% assign a %}",
                             "{% capture %}{% endcapture %}",
                             "{% cycle %}",
                             "{% increment %}",
                             "{% raw %}",
                             "{% comment %}",
                             "{% raw x %}{% endraw %}",
                             "{% # a\n b %}",
                             "{% liquid\n if a\n%}{% endif %}",
                             "{{ 99999999999999999999 }}",
                             "{{ a ! b }}",
                             "{{ \xff }}"})
    EXPECT_TRUE(say(source).starts_with("! ")) << source;
}

TEST(LiquidFault, NestingIsBounded) {
  std::string tags;
  std::string brackets = "{{ a";
  for (int i = 0; i < 10'000; ++i) {
    tags += "{% if a %}";
    brackets += "[a";
  }
  EXPECT_TRUE(say(tags).contains("nested too deeply"));
  EXPECT_TRUE(say(brackets + " }}").contains("nested too deeply"));
}

TEST(LiquidFault, HostileTextTakesLinearTime) {
  for (const char* unit : {"{{", "{{a|", "{% raw %}", "{", "{{a}", "{%", "{% comment %}", "{{ '",
                           "{% if a %}", "{% doc %}"}) {
    std::string text;
    while (text.size() < (1u << 20)) text += unit;
    EXPECT_LE(faults(text).size(), kMostProblems);  // quadratic would take minutes
  }
}

TEST(LiquidFault, AnUnknownVariableIsToldByName) {
  Options options;
  options.refuses_unknown = true;
  const auto refused = [&](std::string_view source) {
    const Json data = *parse_json(R"({"user":{"a":null},"list":[]})");
    const JsonData variables(data);
    const auto parsed = Template::parse(source);
    const auto text = render(*parsed, variables, options);
    return text ? "= " + *text : text.error().variable;
  };
  EXPECT_EQ(refused("{{ name }}"), "name");
  EXPECT_EQ(refused("{{ name | upcase }}"), "name");
  EXPECT_EQ(refused("{{ 'a' | append: name }}"), "name");
  EXPECT_EQ(refused("{{ user.b }}"), "user.b");
  EXPECT_EQ(refused("{% assign x = name %}"), "name");
  EXPECT_EQ(refused("{{ user.a }}{{ list.first }}"), "= ");
  EXPECT_EQ(refused("{{ name | default: 'x' }}{{ name | strip | default: 'y' }}"), "= xy");
  EXPECT_EQ(refused("{{ 1 | default: name }}"), "= 1");
  EXPECT_EQ(refused("{% if name %}a{% elsif user.b == 1 %}b{% endif %}"), "= ");
  EXPECT_EQ(refused("{% for i in name %}{% endfor %}{% case name %}{% when 1 %}{% endcase %}"),
            "= ");
}

}  // namespace
}  // namespace hongyan::liquid
