#include "tests/unit/message/liquid/say.h"

#include <gtest/gtest.h>

#include <utility>

namespace hongyan::liquid {
namespace {

using testing::say;
using Cases = std::vector<std::pair<std::string_view, std::string_view>>;

void expect(const Cases& cases, std::string_view data = "{}") {
  for (const auto& [expression, wanted] : cases)
    EXPECT_EQ(say("{{ " + std::string(expression) + " }}", data), wanted) << expression;
}

TEST(LiquidFilter, Texts) {
  expect({
      {"'éa ß' | upcase", "ÉA SS"},
      {"'ÀΩЖ' | downcase", "àωж"},
      {"'ещё РАЗ' | capitalize", "Ещё раз"},
      {"' a ' | strip | append: '|'", "a|"},
      {"' a ' | lstrip | append: '|'", "a |"},
      {"' a ' | rstrip | prepend: '|'", "| a"},
      {"'a-b-a' | replace: 'a', 'xy'", "xy-b-xy"},
      {"'鸿雁' | replace: '', '.'", ".鸿.雁."},
      {"'a-b-a' | replace_first: 'a', 'x'", "x-b-a"},
      {"'a-b-a' | replace_last: 'a', 'x'", "a-b-x"},
      {"'a-b-a' | remove: 'a'", "-b-"},
      {"'a-b-a' | remove_first: 'a'", "-b-a"},
      {"'a-b-a' | remove_last: 'a'", "a-b-"},
      {"'鸿雁传书' | slice: 1, 2", "雁传"},
      {"'鸿雁传书' | slice: -1", "书"},
      {"'鸿雁传书' | slice: 9", ""},
      {"'鸿雁传书也' | truncate: 4, '…'", "鸿雁传…"},
      {"'one  two three' | truncatewords: 2", "one two..."},
      {"'one  two' | truncatewords: 2", "one  two"},
      {"' a b  c ' | split: ' ' | join: '+'", "a+b+c"},
      {"'a,b,,' | split: ',' | size", "2"},
      {"'雁鸿' | split: '' | reverse | join", "鸿 雁"},
  });
}

TEST(LiquidFilter, Markup) {
  expect({
      {"'<a & \"b\">' | escape", "&lt;a &amp; &quot;b&quot;&gt;"},
      {"'&lt; & &#39; <' | escape_once", "&lt; &amp; &#39; &lt;"},
      {"'a b&c/鸿' | url_encode", "a+b%26c%2F%E9%B8%BF"},
      {"'a+b%26%E9%B8%BF%zz' | url_decode", "a b&鸿%zz"},
      {"'<p>a<!-- b --><script>x<y</script> <b\n>c</b>' | strip_html", "a c"},
      {"'鸿' | base64_encode", "6bi/"},
      {"'6bi/' | base64_decode", "鸿"},
      {"'6bi_' | base64_url_safe_decode", "鸿"},
      {"'<' | raw", "<"},
  });
  EXPECT_EQ(say("{{ a | newline_to_br }}|{{ a | strip_newlines }}", R"({"a":"x\r\ny\nz"})"),
            "x<br />\ny<br />\nz|xyz");
}

TEST(LiquidFilter, Arrays) {
  const std::string data =
      R"({"a":[3,null,"x",3],"n":["b","A",null,"c"],"k":[{"n":"z","v":2},{"n":"y"},{"n":"z","v":1.5}]})";
  expect(
      {
          {"a | compact | join: ','", "3,x,3"},
          {"a | uniq | size", "3"},
          {"a | first", "3"},
          {"a | last", "3"},
          {"a | concat: n | size", "8"},
          {"n | sort_natural | join: ','", "A,b,c,"},
          {"n | sort | join: ','", "A,b,c,"},
          {"k | map: 'n' | join", "z y z"},
          {"k | where: 'n', 'z' | size", "2"},
          {"k | where: 'v' | size", "2"},
          {"k | reject: 'v' | map: 'n'", "y"},
          {"k | find: 'n', 'y' | map: 'n'", "y"},
          {"k | find_index: 'n', 'y'", "1"},
          {"k | has: 'n', 'x'", "false"},
          {"k | sort: 'v' | map: 'v' | join: ','", "1.5,2,"},
          {"k | uniq: 'n' | size", "2"},
          {"k | sum: 'v'", "3.5"},
          {"(1..4) | sum", "10"},
          {"k | slice: 1, 5 | size", "2"},
      },
      data);
}

TEST(LiquidFilter, Numbers) {
  expect({
      {"1 | plus: 2", "3"},
      {"0.1 | plus: 0.2", "0.3"},
      {"'3.5' | minus: '1'", "2.5"},
      {"3 | times: 0.1", "0.3"},
      {"-7 | divided_by: 2", "-4"},
      {"7 | divided_by: 2.0", "3.5"},
      {"-7 | modulo: 3", "2"},
      {"3.3 | modulo: 1.1", "0.0"},
      {"-3.5 | abs", "3.5"},
      {"1.2 | ceil", "2"},
      {"-1.2 | floor", "-2"},
      {"2.5 | round", "3"},
      {"2.675 | round: 2", "2.68"},
      {"15 | round: -1", "20"},
      {"5 | at_least: 7", "7"},
      {"5 | at_most: 4.5", "4.5"},
      {"'12 apples' | plus: nil", "12"},
      {"9007199254740993 | plus: 0", "9007199254740993"},
  });
  EXPECT_TRUE(say("{{ 1 | divided_by: 0 }}").contains("divides by 0"));
  EXPECT_TRUE(say("{{ 9223372036854775807 | plus: 1 }}").contains("too large"));
}

TEST(LiquidFilter, DefaultStandsForNilFalseAndWhatIsEmpty) {
  expect(
      {
          {"no | default: 1", "1"},
          {"e | default: 2", "2"},
          {"a | default: 3", "3"},
          {"f | default: 4", "4"},
          {"f | default: 4, allow_false: true", "false"},
          {"z | default: 5", "0"},
          {"no | default", ""},
      },
      R"({"e":"","a":[],"f":false,"z":0})");
}

}  // namespace
}  // namespace hongyan::liquid
