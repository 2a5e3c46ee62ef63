#include "engine/check/list_rules.h"

#include "tests/unit/check/findings_of.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::check {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

ListView view_of(const std::vector<std::string>& addresses) {
  ListView view;
  std::uint64_t number = 1;
  for (const std::string& to : addresses) view.add({++number, parse_address(to), to, {}});
  view.finish();
  return view;
}

std::vector<std::string> ids(const std::vector<std::string>& addresses) {
  Findings findings;
  check_list(view_of(addresses), findings);
  return ids_of(findings);
}

TEST(ListRules, AGoodListHasNoFinding) {
  EXPECT_THAT(ids({"li@qq.com", "anna@gmail.com"}), IsEmpty());
}

TEST(ListRules, EveryRowIsCountedOnce) {
  const ListView view =
      view_of({"a@x.example", "a@X.example", "bad", "b@x.example", "c@y.example"});
  EXPECT_EQ(view.rows(), 5U);
  EXPECT_EQ(view.refused(), 1U);
  EXPECT_EQ(view.duplicates(), 1U);
  EXPECT_EQ(view.valid(), 3U);
  EXPECT_THAT(view.domains(), ElementsAre(Pair("x.example", 3U), Pair("y.example", 1U)));
}

TEST(ListRules, RefusedRowsAreAWarningFromThreePercentOn) {
  std::vector<std::string> list;
  for (int i = 0; i < 97; ++i) list.push_back("user" + std::to_string(i) + "@x.example");
  list.insert(list.end(), {"bad1", "bad2", "bad3"});
  EXPECT_THAT(ids(list), ElementsAre("list-invalid"));
  list.push_back("one-more@x.example");
  EXPECT_THAT(ids(list), ElementsAre("list-invalid-some"));
  EXPECT_THAT(ids({"bad"}), ElementsAre("list-empty"));
  EXPECT_THAT(ids({}), ElementsAre("list-empty"));
}

TEST(ListRules, OfficesAndDesksAreNoPersons) {
  EXPECT_THAT(ids({"Info@x.example"}), ElementsAre("list-roles"));
  EXPECT_THAT(ids({"sales+cn@x.example"}), ElementsAre("list-roles"));
  EXPECT_THAT(ids({"abuse@x.example"}), ElementsAre("list-complaint-desks"));
  EXPECT_THAT(ids({"no-reply@x.example"}), ElementsAre("list-complaint-desks"));
  EXPECT_THAT(ids({"informatik.meier@x.example"}), IsEmpty());
}

TEST(ListRules, SlipsOfTheFinger) {
  EXPECT_THAT(ids({"li@gmial.com"}), ElementsAre("list-typos"));
  EXPECT_EQ(meant_domain("qq.con"), "qq.com");
  EXPECT_EQ(meant_domain("mail.com"), "");
}

TEST(ListRules, ChineseReceiversByTheirNames) {
  for (const char* domain :
       {"qq.com", "163.com", "acme.com.cn", "pku.edu.cn", "xn--0zwm56d.xn--fiqs8s"})
    EXPECT_TRUE(is_chinese_domain(domain)) << domain;
  for (const char* domain : {"gmail.com", "cn.com", "acme.example", "outlook.com"})
    EXPECT_FALSE(is_chinese_domain(domain)) << domain;
}

TEST(ListRules, DuplicatesAreANote) {
  EXPECT_THAT(ids({"a@x.example", "a@x.example"}), ElementsAre("list-duplicates"));
}

}  // namespace
}  // namespace hongyan::check
