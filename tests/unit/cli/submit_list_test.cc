#include "cli/submit_list.h"

#include <gtest/gtest.h>

#include <sstream>

namespace hongyan::cli {
namespace {

std::string trouble(const std::string& text, list::ListOptions options = {}) {
  std::istringstream in(text);
  ListSource source(in, options);
  const auto begun = source.begin();
  return begun ? std::string() : begun.error().detail;
}

TEST(ListSource, WhatIsWrongWithAWholeListIsKnownBeforeAnythingIsQueued) {
  EXPECT_EQ(trouble(""), "the list is empty");
  EXPECT_EQ(trouble("to,name\n\n"), "the list has no recipients");
  EXPECT_NE(trouble("name,age\nli,5\n").find("no address column"), std::string::npos);
  EXPECT_NE(trouble("to,to\na@b.example,x\n").find("twice"), std::string::npos);
  list::ListOptions named;
  named.to_column = "mial";
  EXPECT_NE(trouble("mail\na@b.example\n", named).find("`mail`"), std::string::npos);
  EXPECT_EQ(trouble("to\na@b.example\n"), "");
  EXPECT_EQ(trouble("{\"to\":\"a@b.example\"}\n"), "");
}

TEST(ListSource, TheFirstRowIsReadOnceAndTheRestFollows) {
  std::istringstream in("to,name\na@x.example,A\nnot one,B\nc@x.example,C\n");
  ListSource source(in, {});
  ASSERT_TRUE(source.begin());
  std::vector<std::string> seen;
  const auto counts = source.read([&](const list::Row& row) -> Result<void> {
    seen.push_back(row.to);
    return {};
  });
  ASSERT_TRUE(counts);
  EXPECT_EQ(seen, (std::vector<std::string>{"a@x.example", "not one", "c@x.example"}));
  EXPECT_EQ(counts->rows, 3u);
  EXPECT_EQ(counts->refused, 1u);
  ASSERT_EQ(counts->first_refusals.size(), 1u);
  EXPECT_TRUE(counts->first_refusals[0].starts_with("row 3: not one: "))
      << counts->first_refusals[0];
}

TEST(ListSource, StopsWhenTheTakerFails) {
  std::istringstream in("to\na@x.example\nb@x.example\n");
  ListSource source(in, {});
  ASSERT_TRUE(source.begin());
  int taken = 0;
  const auto counts = source.read([&](const list::Row&) -> Result<void> {
    ++taken;
    return fail(Scope::kProcess, "redis-away", "gone");
  });
  EXPECT_FALSE(counts);
  EXPECT_EQ(taken, 1);
}

}  // namespace
}  // namespace hongyan::cli
