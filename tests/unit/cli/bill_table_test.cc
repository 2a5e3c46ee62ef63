#include "cli/bill_table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace hongyan::cli {
namespace {

using store::BillLine;
using store::LedgerEntry;

const std::vector<BillLine> kLines = {
    {"2026-11-20", "acme", "quality", MicroYuan{7000}, 1'234'567},
    {"2026-11-21", "acme", "quality", MicroYuan{7000}, 1},
};

TEST(Bill, CsvHasTheColumnsOfTheContract) {
  std::ostringstream out;
  print_bill_csv(out, kLines);
  EXPECT_EQ(out.str(),
            "day,tenant,channel,unit_price_micro_yuan,messages,amount_micro_yuan,amount_yuan\n"
            "2026-11-20,acme,quality,7000,1234567,8641969000,8641.969\n"
            "2026-11-21,acme,quality,7000,1,7000,0.007\n");
}

TEST(Bill, TableEndsWithTheExactTotal) {
  std::ostringstream out;
  print_bill_table(out, kLines);
  EXPECT_NE(out.str().find("total 1,234,568 messages, ¥8641.976\n"), std::string::npos)
      << out.str();
}

TEST(Bill, NothingChargedIsSaid) {
  std::ostringstream table, csv;
  print_bill_table(table, {});
  print_bill_csv(csv, {});
  EXPECT_EQ(table.str(), "nothing was charged\n");
  EXPECT_EQ(std::ranges::count(csv.str(), '\n'), 1);
}

TEST(Bill, EntriesCarryActorAndRef) {
  const std::vector<LedgerEntry> entries = {{kLines[1], "hongyan", "spring-1", 1'795'223'088'604}};
  std::ostringstream out;
  print_entries_csv(out, entries);
  EXPECT_EQ(out.str(),
            "day,tenant,channel,unit_price_micro_yuan,messages,amount_micro_yuan,amount_yuan,actor,"
            "ref,at\n"
            "2026-11-21,acme,quality,7000,1,7000,0.007,hongyan,spring-1,2026-11-21 01:04:48Z\n");
}

TEST(Bill, JsonSumsInWholeMicroYuan) {
  const std::string text = bill_json(kLines, nullptr, {"2026-11-20", ""});
  EXPECT_NE(
      text.find(R"("messages":1234568,"amount_micro_yuan":8641976000,"amount_yuan":"8641.976")"),
      std::string::npos)
      << text;
  EXPECT_EQ(text.find("entries"), std::string::npos);
}

TEST(Bill, RangeIncludesFromAndExcludesTo) {
  const BillRange range{"2026-11-20", "2026-11-21"};
  EXPECT_FALSE(range.holds("2026-11-19"));
  EXPECT_TRUE(range.holds("2026-11-20"));
  EXPECT_FALSE(range.holds("2026-11-21"));
  EXPECT_TRUE(BillRange{}.holds("1970-01-01"));
}

TEST(Bill, ADayIsADay) {
  for (const char* day : {"2026-11-30", "2028-02-29"}) EXPECT_TRUE(is_day(day)) << day;
  for (const char* day : {"2026-02-29", "2026-13-01", "2026-1-01", "20261130", "2026-11-3x", "",
                          "2026-11-30 ", "today"})
    EXPECT_FALSE(is_day(day)) << day;
}

}  // namespace
}  // namespace hongyan::cli
