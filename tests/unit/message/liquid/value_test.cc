#include "tests/unit/message/liquid/say.h"

#include <gtest/gtest.h>

namespace hongyan::liquid {
namespace {

using testing::say;

TEST(LiquidValue, IsFoundByNameByKeyAndByPlace) {
  const std::string data =
      R"({"user":{"name":"李雷","tags":["a","b","c"]},"key":"name","first name":"Li","姓名":"韩梅"})";
  EXPECT_EQ(say("{{ user.name }}", data), "李雷");
  EXPECT_EQ(say("{{ user['name'] }}", data), "李雷");
  EXPECT_EQ(say("{{ user[key] }}", data), "李雷");
  EXPECT_EQ(say("{{ ['first name'] }}", data), "Li");
  EXPECT_EQ(say("{{ 姓名 }}", data), "韩梅");
  EXPECT_EQ(say("{{ user.tags[1] }}{{ user.tags[-1] }}{{ user.tags[9] }}", data), "bc");
  EXPECT_EQ(say("{{ user.tags.first }}{{ user.tags.last }}{{ user.tags.size }}", data), "ac3");
  EXPECT_EQ(say("{{ user.name.size }}{{ user.nobody.at.all }}", data), "2");
}

TEST(LiquidValue, IsWrittenAsTheReferenceWritesIt) {
  EXPECT_EQ(say("{{ a }}", R"({"a":[1,[2.0,"x"],null,true]})"), "12.0xtrue");
  EXPECT_EQ(say("{{ a }}", R"({"a":{"k":"v \" w","n":[1,null]}})"),
            R"({"k"=>"v \" w", "n"=>[1, nil]})");
  EXPECT_EQ(say("{{ (1..3) }}|{{ nil }}|{{ empty }}|{{ false }}"), "1..3|||false");
  EXPECT_EQ(say("{{ a }} {{ b }} {{ c }}", R"({"a":1e20,"b":0.00001,"c":1.50})"),
            "1.0e+20 1.0e-05 1.5");
}

TEST(LiquidValue, IsComparedByItsKind) {
  EXPECT_EQ(say("{% if 1 == 1.0 and 'a' < 'b' and 2 > 1.5 %}y{% endif %}"), "y");
  EXPECT_EQ(say("{% if 1 == '1' or nil > 1 or true < 2 %}y{% else %}n{% endif %}"), "n");
  EXPECT_EQ(say("{% if a == b %}y{% endif %}", R"({"a":[1,{"x":2}],"b":[1.0,{"x":2}]})"), "y");
  EXPECT_EQ(say("{% if 1 < 'a' %}y{% endif %}"),
            "! 1:7: cannot compare a number with a string: near `{% if 1 < 'a' %}y{% endif %}`");
}

TEST(LiquidValue, BlankAndEmptyEqualWhatIsSo) {
  const std::string data = R"({"s":" \n","e":"","a":[],"n":null,"f":false,"z":0})";
  EXPECT_EQ(say("{% if s == blank and e == blank and a == blank and n == blank and f == blank %}y"
                "{% endif %}",
                data),
            "y");
  EXPECT_EQ(say("{% if e == empty and a == empty %}y{% endif %}", data), "y");
  EXPECT_EQ(say("{% if z == blank or s == empty or n == empty %}y{% else %}n{% endif %}", data),
            "n");
}

TEST(LiquidValue, ContainsLooksIntoTextsArraysAndObjects) {
  const std::string data = R"({"s":"鸿雁传书","a":["x",2],"o":{"k":1}})";
  EXPECT_EQ(say("{% if s contains '传书' and a contains 2 and o contains 'k' %}y{% endif %}", data),
            "y");
  EXPECT_EQ(
      say("{% if s contains nil or a contains 'X' or nobody contains 'x' %}y{% endif %}", data),
      "");
}

TEST(LiquidValue, ConditionsAreJoinedFromTheRight) {
  EXPECT_EQ(say("{% if true or false and false %}y{% else %}n{% endif %}"), "y");
  EXPECT_EQ(say("{% if false and false or true %}y{% else %}n{% endif %}"), "n");
}

}  // namespace
}  // namespace hongyan::liquid
