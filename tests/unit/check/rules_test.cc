#include "engine/check/finding.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

namespace hongyan::check {
namespace {

// The page has one row per rule, in the catalogue's order.
std::string page_rows() {
  std::string rows;
  for (const Rule& rule : rules())
    rows += "| `" + std::string(rule.id) + "` | " + std::string(level_name(rule.level)) + " | " +
            std::string(rule.why) + " | " + std::string(rule.todo) + " |\n";
  return rows;
}

TEST(Rules, EachIsNamedOnceAndSaysWhyAndWhatToDo) {
  std::set<std::string_view> ids;
  for (const Rule& rule : rules()) {
    EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
    EXPECT_EQ(rule.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"),
              std::string_view::npos)
        << rule.id;
    EXPECT_TRUE(rule.why.ends_with('.')) << rule.id;
    EXPECT_TRUE(rule.todo.ends_with('.')) << rule.id;
  }
}

TEST(Rules, ThePageHasTheSame) {
  std::ifstream file(HONGYAN_CHECKS_PAGE);
  std::stringstream page;
  page << file.rdbuf();
  const std::string rows = page_rows();
  EXPECT_NE(page.str().find(rows), std::string::npos) << "docs/CHECKS.md should have\n" << rows;
}

TEST(Findings, AnUnknownRuleIsAProgrammersMistake) {
  Findings findings;
  EXPECT_THROW(findings.add("no-such-rule", ""), std::logic_error);
}

TEST(Findings, TheWorstComesFirst) {
  Findings findings;
  findings.add("cost", "1");
  findings.add("subject-empty", "2");
  findings.add("not-checked", "3");
  findings.add("link-broken", "4");
  std::string order;
  for (const Finding& one : findings.sorted()) order += one.what;
  EXPECT_EQ(order, "2431");
  EXPECT_EQ(findings.count(Level::kError), 2U);
}

TEST(Findings, LongListsAreCut) {
  EXPECT_EQ(some_of(std::vector<std::string>{"a", "b", "c"}, 2), "a, b and 1 more");
  EXPECT_EQ(some_of(std::vector<std::string>{"a"}, 2), "a");
}

}  // namespace
}  // namespace hongyan::check
