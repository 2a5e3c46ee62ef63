#include "engine/job/schema.h"

#include <gtest/gtest.h>

namespace hongyan::job {
namespace {

std::string check(std::string_view schema, std::string_view document) {
  const auto loaded = Schema::load(schema);
  if (!loaded) return "schema: " + loaded.error()[0].sentence();
  std::string out;
  for (const Fault& fault : loaded->check(*parse_json(document)))
    out += (out.empty() ? "" : "; ") + fault.sentence();
  return out;
}

TEST(Schema, EveryKeywordAccepts_AndRefusesWithPathAndReason) {
  struct Case {
    std::string_view schema, good, bad, fault;
  };
  for (const Case& c : std::initializer_list<Case>{
           {R"({"type":"integer"})", "1.0", "1.5", "document: is a number; an integer is needed"},
           {R"({"type":["string","null"]})", "null", "{}",
            "document: is an object; a string or null is needed"},
           {R"({"required":["a"]})", R"({"a":1})", "{}", "a: is missing"},
           {R"({"properties":{"sub":{"properties":{"a":{"type":"string"}}}}})",
            R"({"sub":{"b":1}})", R"({"sub":{"a":1}})", "sub.a: is a number; a string is needed"},
           {R"({"properties":{"reply_to":{}},"additionalProperties":false})", R"({"reply_to":1})",
            R"({"replyto":1})", "replyto: is no known key (did you mean `reply_to`?)"},
           {R"({"additionalProperties":{"type":"string"}})", R"({"a":""})", R"({"a":1})",
            "a: is a number; a string is needed"},
           {R"({"propertyNames":{"pattern":"^a"}})", R"({"ab":1})", R"({"b":1})",
            "b: does not match ^a"},
           {R"({"minProperties":1})", R"({"a":1})", "{}", "document: must have at least 1 members"},
           {R"({"maxProperties":1})", R"({"a":1})", R"({"a":1,"b":2})",
            "document: must have at most 1 members"},
           {R"({"items":{"items":{"type":"boolean"}}})", "[[true]]", "[[true],[true,1]]",
            "[1][1]: is a number; a boolean is needed"},
           {R"({"minItems":1})", "[1]", "[]", "document: must have at least 1 items"},
           {R"({"maxItems":1})", "[1]", "[1,2]", "document: must have at most 1 items"},
           {R"({"maxLength":2})", "\"李娜\"", "\"李娜娜\"",
            "document: must have at most 2 characters"},
           {R"({"minLength":1})", "\"a\"", "\"\"", "document: must have at least 1 characters"},
           {R"({"minimum":0,"maximum":9})", "9", "10", "document: must be at most 9"},
           {R"({"enum":["hold","resend"]})", "\"hold\"", "\"holt\"",
            "document: must be hold or resend (did you mean `hold`?)"},
           {R"({"const":1})", "1.0", "2", "document: must be 1"},
           {R"({"anyOf":[{"required":["text"]},{"required":["html"]}]})", R"({"html":1,"text":1})",
            "{}", "document: text is missing and html is missing (one of them is needed)"},
           {R"({"oneOf":[{"required":["a"]},{"required":["b"]}]})", R"({"a":1})",
            R"({"a":1,"b":1})", "document: takes several forms at once (only one is allowed)"}}) {
    EXPECT_EQ(check(c.schema, c.good), "") << c.schema;
    EXPECT_EQ(check(c.schema, c.bad), c.fault);
  }
}

TEST(Schema, AllFaultsAreReportedAtOnce) {
  EXPECT_EQ(
      check(
          R"({"required":["a"],"properties":{"b":{"type":"string"}},"additionalProperties":false})",
          R"({"b":1,"c":2})"),
      "a: is missing; b: is a number; a string is needed; c: is no known key (did you mean `b`?)");
}

TEST(Schema, WhatIsNotEnforcedCannotBeLoaded) {
  for (const char* schema :
       {R"({"if":{}})", R"({"properties":{"a":{"uniqueItems":true}}})", R"({"$ref":"#"})", "[]",
        R"({"pattern":"("})", R"({"minimum":"1"})", "{"})
    EXPECT_FALSE(Schema::load(schema)) << schema;
}

TEST(Schema, HostileDocumentGetsABoundedReport) {
  std::string document = "{";
  for (int i = 0; i < 10'000; ++i) document += (i ? ",\"" : "\"") + std::to_string(i) + "\":1";
  const auto schema = Schema::load(R"({"additionalProperties":false})");
  EXPECT_EQ(schema->check(*parse_json(document + "}")).size(), 100u);
}

}  // namespace
}  // namespace hongyan::job
