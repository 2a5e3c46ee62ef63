#include "engine/list/block.h"

#include <gtest/gtest.h>

namespace hongyan::list {
namespace {

std::vector<Row> rows_of(std::string_view item) {
  BlockReader reader(item);
  std::vector<Row> rows;
  for (Row row; reader.next(row);) rows.push_back(row);
  return rows;
}

TEST(BlockReader, HeadRecipientsAndEndAreToldApart) {
  const std::string_view item =
      "{\"block\":7}\r\n"
      "{\"to\":\"li@example.cn\",\"vars\":{\"name\":\"李\\u5a1c\",\"points\":1.50,\"vip\":true,"
      "\"x\":null}}\n"
      "\n"
      " { \"vars\" : {} , \"row\" : 40, \"to\" : \"A@B.cn\" } \n";
  BlockReader reader(item, 100);
  EXPECT_FALSE(reader.fault());
  EXPECT_EQ(reader.block(), 7u);
  Row row;
  ASSERT_TRUE(reader.next(row));
  EXPECT_EQ(row.number, 101u);
  EXPECT_EQ(row.address->normalised(), "li@example.cn");
  EXPECT_EQ(row.vars, (std::vector<std::pair<std::string, std::string>>{{"name", "李娜"},
                                                                        {"points",
                                                                         "\x01"
                                                                         "1.50"},
                                                                        {"vip", "\x01true"}}));
  ASSERT_TRUE(reader.next(row));
  EXPECT_EQ(row.number, 40u);
  EXPECT_EQ(row.address->normalised(), "A@b.cn");
  EXPECT_TRUE(row.vars.empty());
  EXPECT_FALSE(reader.next(row));
  EXPECT_EQ(reader.lines(), 2u);
  EXPECT_FALSE(reader.end_count());
}

TEST(BlockReader, EndItemIsKnownFromTheStart) {
  BlockReader reader(R"({"end":true,"count":12})");
  EXPECT_EQ(reader.end_count(), 12u);
  Row row;
  EXPECT_FALSE(reader.next(row));
  EXPECT_FALSE(reader.block());
}

TEST(BlockReader, EndAfterRecipientsCountsToo) {
  BlockReader reader("{\"to\":\"a@x.cn\"}\n{\"end\":true,\"count\":1}\n");
  EXPECT_FALSE(reader.end_count());
  Row row;
  EXPECT_TRUE(reader.next(row));
  EXPECT_FALSE(reader.next(row));
  EXPECT_EQ(reader.end_count(), 1u);
}

TEST(BlockReader, EveryBadLineIsOneRefusedRow) {
  struct Case {
    std::string_view line, reason;
  };
  for (const Case& c : std::initializer_list<Case>{
           {"nonsense", "no JSON line"},
           {"[]", "no JSON line"},
           {"{\"to\":\"a@x.cn\"", "a , or } is expected"},
           {"{\"to\":\"a@x.cn\"} x", "something follows"},
           {"{\"to\":\"a@x.cn", "not closed"},
           {"{\"to\":\"a@x.cn\\", "not closed"},
           {"{\"to\":17}", "to must be a string"},
           {"{\"vars\":{}}", "has no `to`"},
           {"{}", "has no `to`"},
           {"{\"too\":\"a@x.cn\"}", "did you mean `to`?"},
           {"{\"to\":\"a@x.cn\",\"to\":\"b@x.cn\"}", "to is repeated"},
           {"{\"to\":\"a@x.cn\",\"vars\":[]}", "vars must be an object"},
           {"{\"to\":\"a@x.cn\",\"vars\":{\"a\":{\"b\":1,\"b\":2}}}",
            "vars.a: line 1, column 11: no JSON: a key is repeated"},
           {"{\"to\":\"a@x.cn\",\"vars\":{\"a\":[1}}", "a , or ] is expected"},
           {"{\"to\":\"a@x.cn\",\"vars\":{\"a\":1,\"a\":2}}", "vars.a is repeated"},
           {"{\"to\":\"a@x.cn\",\"vars\":{\"a\":01}}", "begins with 0"},
           {"{\"to\":\"a@x.cn\",\"vars\":{\"a\":nul}}", "a value is expected"},
           {"{\"to\":\"a@x.cn\",\"vars\":{\"a\":\"\\ud800\"}}", "lone surrogate"},
           {"{\"to\":\"a@x.cn\",\"row\":-1}", "whole number"},
           {"{\"to\":\"a@x.cn\",\"row\":1.5}", "whole number"},
           {"{\"to\":\"a@x.cn\",\"block\":1}", "mixes"},
           {"{\"end\":true}", "end needs a count"},
           {"{\"block\":2}", "block head stands inside"},
           {"{\"to\":\"no-at-sign\",\"vars\":{\"a\":1}}", "has no @"},
           {"{\"to\":\"a@x.cn\\r\\nRCPT TO:<b@x.cn>\"}", "may not stand"},
           {"{\"to\":\"\xFF@x.cn\"}", "not valid UTF-8"},
           {"{\"to\":\"a@x.cn\",\"refused\":\"has 5 fields\"}", "has 5 fields"}}) {
    const std::string item =
        "{\"to\":\"good@x.cn\"}\n" + std::string(c.line) + "\n{\"to\":\"too@x.cn\"}";
    const auto rows = rows_of(item);
    ASSERT_EQ(rows.size(), 3u) << c.line;
    EXPECT_FALSE(rows[0].refused());
    EXPECT_FALSE(rows[2].refused());
    ASSERT_TRUE(rows[1].refused()) << c.line;
    EXPECT_EQ(rows[1].number, 2u);
    EXPECT_TRUE(rows[1].address.error().detail.contains(c.reason))
        << c.line << ": " << rows[1].address.error().detail;
    EXPECT_TRUE(rows[1].vars.empty());
  }
}

TEST(BlockReader, ItemOverOneMebibyteIsOneFault) {
  const std::string item(kMaxItem + 1, 'x');
  BlockReader reader(item);
  ASSERT_TRUE(reader.fault());
  EXPECT_TRUE(reader.fault()->what.contains("1048577"));
  Row row;
  EXPECT_FALSE(reader.next(row));
}

TEST(BlockWriter, RowsComeBackAsTheyWere) {
  BlockWriter writer(4096);
  std::vector<std::string> items;
  for (std::uint64_t i = 0; i < 500; ++i) {
    Row row;
    row.number = i + 2;
    row.to = i % 10 == 3 ? "bad \"row\"" : "user" + std::to_string(i) + "@例子.cn";
    row.address = parse_address(row.to);
    if (!row.refused())
      row.vars = {{"名", "line\none\x01"},
                  {"n", std::to_string(i)},
                  {"items", "\x01[1,{\"a\":null}]"},
                  {"odd", "\x01\"\\u0001\""}};
    if (auto full = writer.add(row)) items.push_back(*full);
  }
  if (auto left = writer.flush()) items.push_back(*left);
  EXPECT_FALSE(writer.flush());
  EXPECT_EQ(writer.blocks(), items.size());

  std::uint64_t lines = 0;
  for (std::size_t b = 0; b < items.size(); ++b) {
    EXPECT_LE(items[b].size(), 4096u);
    BlockReader reader(items[b], lines);
    EXPECT_EQ(reader.block(), b + 1);
    for (Row row; reader.next(row); ++lines) {
      EXPECT_EQ(row.number, lines + 2);
      if (lines % 10 == 3) {
        ASSERT_TRUE(row.refused());
        EXPECT_EQ(row.to, "bad \"row\"");
        EXPECT_EQ(row.address.error().detail, parse_address("bad \"row\"").error().detail);
      } else {
        EXPECT_EQ(row.address->local, "user" + std::to_string(lines));
        EXPECT_EQ(row.vars[0].second, "line\none\x01");
        EXPECT_EQ(row.vars[1].second, std::to_string(lines));
      }
    }
  }
  EXPECT_EQ(lines, 500u);
  EXPECT_EQ(BlockReader(writer.end_item()).end_count(), 500u);
}

TEST(BlockWriter, RowTooLongTravelsAsRefused) {
  BlockWriter writer;
  Row row;
  row.number = 9;
  row.to = "a@x.cn";
  row.address = parse_address(row.to);
  row.vars = {{"big", std::string(kMaxRecord, '\x01')}};
  writer.add(row);
  const auto rows = rows_of(*writer.flush());
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_TRUE(rows[0].refused());
  EXPECT_EQ(rows[0].number, 9u);
  EXPECT_EQ(rows[0].to, "a@x.cn");
}

}  // namespace
}  // namespace hongyan::list
