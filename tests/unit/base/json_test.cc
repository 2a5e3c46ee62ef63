#include "base/json.h"

#include <gtest/gtest.h>

namespace hongyan {
namespace {

TEST(Json, NumbersAndOrderSurviveARoundTrip) {
  const std::string_view text = R"({"z":1.50,"a":[-0,1e+3,true,null,"李\u0001\"\\\n"],"o":{}})";
  const auto json = parse_json(text);
  ASSERT_TRUE(json) << json.error().sentence();
  EXPECT_EQ(to_json(*json), text);
}

TEST(Json, EscapesAreRead) {
  EXPECT_EQ(parse_json(R"("\u00e9\u20ac\ud83d\ude00\/\b\f\t")")->text(), "é€😀/\b\f\t");
}

TEST(Json, WhatIsNoIJsonIsRefusedWithItsPlace) {
  struct Case {
    std::string_view text, where, what;
  };
  for (const Case& c :
       std::initializer_list<Case>{{"", "line 1, column 1", "a value is expected"},
                                   {"{\"a\":1\n,}", "line 2, column 2", "a string is expected"},
                                   {"[1 2]", "line 1, column 4", "a , or ] is expected"},
                                   {"{\"a\" 1}", "line 1, column 6", "a : is expected"},
                                   {"{\"a\":1,\"a\":1}", "line 1, column 11", "a key is repeated"},
                                   {"[1] x", "line 1, column 5", "something follows"},
                                   {"\"\t\"", "line 1, column 2", "not closed"},
                                   {"\"\\q\"", "line 1, column 4", "unknown escape"},
                                   {"\"\\u12\"", "line 1, column 6", "four hexadecimal"},
                                   {"\"\\udc00\"", "line 1, column 8", "lone surrogate"},
                                   {"\"\\ud800\\u0041\"", "line 1, column 14", "lone surrogate"},
                                   {"01", "line 1, column 2", "begins with 0"},
                                   {"1.", "line 1, column 3", "ends with its point"},
                                   {"1e", "line 1, column 3", "no exponent"},
                                   {"\"\xC0\x80\"", "line 1, column 2", "not valid UTF-8"},
                                   {"\"\xED\xA0\x80\"", "line 1, column 2", "not valid UTF-8"}}) {
    const auto json = parse_json(c.text);
    ASSERT_FALSE(json) << c.text;
    EXPECT_EQ(json.error().where, c.where) << c.text;
    EXPECT_TRUE(json.error().what.contains(c.what)) << json.error().what;
  }
  EXPECT_FALSE(parse_json(std::string(33, '[') + std::string(33, ']')));
  EXPECT_TRUE(parse_json(std::string(32, '[') + std::string(32, ']')));
}

}  // namespace
}  // namespace hongyan
