#include "engine/list/list_reader.h"

#include <gtest/gtest.h>

namespace hongyan::list {
namespace {

using Vars = std::vector<std::pair<std::string, std::string>>;

struct Read {
  std::vector<Row> rows;
  std::optional<Fault> fault;
};

Read read(std::string_view bytes, std::size_t chunk, ListOptions options = {}) {
  ListReader reader(std::move(options));
  Read out;
  Row row;
  for (std::size_t i = 0; i < bytes.size(); i += chunk) {
    reader.feed(bytes.substr(i, chunk));
    while (reader.next(row)) out.rows.push_back(row);
  }
  reader.finish();
  while (reader.next(row)) out.rows.push_back(row);
  out.fault = reader.fault();
  return out;
}

TEST(ListReader, HeaderNamesTheVariablesWhateverTheChunks) {
  const std::string_view csv =
      "\xEF\xBB\xBFname,E-Mail,city\r\n"
      "李娜,li@example.cn,\"上海, 浦东\"\r\n"
      "\r\n"
      ",,\r\n"
      "\"Jo \"\"J\"\" Doe\", jo@x.com ,\"two\nlines\"\n"
      "short,s@x.com\r"
      "last,l@x.com,end";
  for (const std::size_t chunk : {1000u, 7u, 1u}) {
    const Read got = read(csv, chunk);
    ASSERT_FALSE(got.fault) << got.fault->sentence();
    ASSERT_EQ(got.rows.size(), 4u);
    EXPECT_EQ(got.rows[0].number, 2u);
    EXPECT_EQ(got.rows[0].address->normalised(), "li@example.cn");
    EXPECT_EQ(got.rows[0].vars, (Vars{{"name", "李娜"}, {"city", "上海, 浦东"}}));
    EXPECT_EQ(got.rows[1].number, 5u);
    EXPECT_EQ(got.rows[1].vars, (Vars{{"name", "Jo \"J\" Doe"}, {"city", "two\nlines"}}));
    EXPECT_EQ(got.rows[2].vars, (Vars{{"name", "short"}, {"city", ""}}));
    EXPECT_EQ(got.rows[3].number, 7u);
    EXPECT_EQ(got.rows[3].vars[1].second, "end");
  }
}

TEST(ListReader, AddressColumnIsFoundByItsUsualNamesOrTheGivenOne) {
  for (const std::string name : {"to", "Email", "e-mail", "MAIL", "Address", "邮箱", "邮件地址"}) {
    const Read got = read("x," + name + "\n1,a@x.cn\n", 100);
    ASSERT_EQ(got.rows.size(), 1u) << name;
    EXPECT_EQ(got.rows[0].vars, (Vars{{"x", "1"}})) << name;
  }
  ListOptions options;
  options.to_column = "Recipient";
  EXPECT_EQ(read("to,recipient\nz,a@x.cn\n", 100, options).rows[0].vars, (Vars{{"to", "z"}}));
}

TEST(ListReader, ListWithoutUsableHeaderIsOneFault) {
  struct Case {
    std::string_view csv, what;
  };
  for (const Case& c : std::initializer_list<Case>{{"", "empty"},
                                                   {"\n\n", "empty"},
                                                   {"name,city\nx,y\n", "no address column"},
                                                   {"a@x.cn,李\n", "no address column"},
                                                   {"to,a,a\n", "twice"},
                                                   {"\"to\n", "never closed"},
                                                   {"to\"x\",\xFF\n", "no gb18030"}}) {
    const Read got = read(c.csv, 3);
    EXPECT_TRUE(got.rows.empty());
    ASSERT_TRUE(got.fault) << c.csv;
    EXPECT_TRUE(got.fault->what.contains(c.what)) << got.fault->sentence();
  }
  ListOptions options;
  options.to_column = "emial";
  EXPECT_EQ(read("email\n", 9, options).fault->hint, "did you mean `email`?");
}

TEST(ListReader, RefusedRowsAreKeptWithNumberAndReason) {
  const Read got = read(
      "to,name\n"
      "nobody,x\n"
      "a@x.cn,x,y\n"
      "\"a@x.cn\" z,x\n"
      "b@x.cn,ok\n"
      "c@x.cn,\"never closed\n"
      "d@x.cn,last\n",
      5);
  ASSERT_EQ(got.rows.size(), 6u);
  const std::string_view reasons[] = {"no @", "3 fields", "closing quote", "", "never closed", ""};
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(got.rows[i].number, i + 2);
    ASSERT_EQ(got.rows[i].refused(), !reasons[i].empty()) << i;
    if (got.rows[i].refused())
      EXPECT_TRUE(got.rows[i].address.error().detail.contains(reasons[i])) << i;
  }
  EXPECT_EQ(got.rows[0].to, "nobody");
  EXPECT_EQ(got.rows[5].address->local, "d");
}

TEST(ListReader, BadBytesRefuseTheirRowOnly) {
  const Read got = read("to,name\na@x.cn,李\nb@x.cn,\xFF\nc@x.cn,娜\n", 4,
                        {.format = {}, .encoding = Encoding::kUtf8, .to_column = {}});
  ASSERT_EQ(got.rows.size(), 3u);
  EXPECT_FALSE(got.rows[0].refused());
  EXPECT_EQ(got.rows[1].address.error().code, "bad-encoding");
  EXPECT_FALSE(got.rows[2].refused());
}

TEST(ListReader, EndlessQuoteOrLineKeepsMemoryAndLosesOneRow) {
  for (const bool json : {false, true}) {
    ListReader reader;
    reader.feed(json ? "{\"to\":\"" : "to,x\na@x.cn,\"");
    const std::string junk(64 * 1024, 'x');
    Row row;
    std::vector<Row> rows;
    for (int i = 0; i < 40; ++i) {
      reader.feed(junk);
      while (reader.next(row)) rows.push_back(row);
    }
    reader.feed(json ? "\n{\"to\":\"b@x.cn\"}\n" : "\nb@x.cn,y\n");
    reader.finish();
    while (reader.next(row)) rows.push_back(row);
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0].address.error().code, "too-long");
    EXPECT_LE(rows[0].to.size(), kMaxRawAddress);
    EXPECT_EQ(rows[1].address->local, "b");
  }
}

TEST(ListReader, NdjsonIsToldByItsFirstByte) {
  const Read got = read(
      "\n{\"to\":\"a@x.cn\",\"vars\":{\"n\":1.0}}\n\nnonsense\n{\"block\":1}\n{\"to\":\"b@x.cn\"}",
      6);
  ASSERT_EQ(got.rows.size(), 4u);
  EXPECT_EQ(got.rows[0].number, 2u);
  EXPECT_EQ(got.rows[0].vars, (Vars{{"n",
                                     "\x01"
                                     "1.0"}}));
  EXPECT_EQ(got.rows[1].number, 4u);
  EXPECT_TRUE(got.rows[1].refused());
  EXPECT_TRUE(got.rows[2].refused());
  EXPECT_EQ(got.rows[3].number, 6u);
}

TEST(ListReader, TabsAndSemicolonsSeparateWhenThereIsNoComma) {
  EXPECT_EQ(read("name\tto\n李, 娜\ta@x.cn\n", 100).rows[0].vars, (Vars{{"name", "李, 娜"}}));
  EXPECT_EQ(read("name;to\nx;a@x.cn\n", 100).rows[0].address->local, "a");
}

}  // namespace
}  // namespace hongyan::list
