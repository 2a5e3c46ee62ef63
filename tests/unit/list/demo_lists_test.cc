#include "embedded/demo_lists.h"

#include "engine/list/list_reader.h"

#include <gtest/gtest.h>

#include <set>

namespace hongyan::list {
namespace {

struct Counts {
  int rows = 0, invalid = 0, duplicate = 0, bouncing = 0, deferring = 0;
  friend bool operator==(const Counts&, const Counts&) = default;
};

Counts count(std::string_view csv) {
  ListReader reader;
  reader.feed(csv);
  reader.finish();
  Counts counts;
  std::set<std::string> seen;
  for (Row row; reader.next(row); ++counts.rows) {
    if (row.refused()) {
      ++counts.invalid;
    } else if (!seen.insert(row.address->normalised()).second) {
      ++counts.duplicate;
    } else {
      counts.bouncing += row.address->local.starts_with("bounce-550-5.1.1+");
      counts.deferring += row.address->local.starts_with("defer-451-4.7.1-1+");
    }
  }
  EXPECT_FALSE(reader.fault());
  return counts;
}

TEST(DemoLists, HaveWhatTheDemoPromises) {
  EXPECT_EQ(count(embedded::examples_demo_csv), (Counts{10'000, 40, 60, 20, 200}));
  EXPECT_EQ(count(embedded::examples_bad_list_csv), (Counts{2'000, 0, 0, 200, 0}));
}

}  // namespace
}  // namespace hongyan::list
