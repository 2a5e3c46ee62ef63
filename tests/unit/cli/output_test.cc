#include "cli/output.h"

#include <gtest/gtest.h>

#include <sstream>

namespace hongyan::cli {
namespace {

std::string written(Format format, std::vector<std::vector<Cell>> rows,
                    std::string_view empty = {}) {
  std::ostringstream out;
  RowWriter writer(out, format, {{"name", "NAME"}, {"count", "COUNT", true}});
  for (auto& row : rows) writer.row(std::move(row));
  writer.end(empty);
  return out.str();
}

TEST(RowWriter, TableIsAlignedByWhatATerminalShows) {
  EXPECT_EQ(written(Format::kTable, {{"李雷", 5}, {"anna", 12345}}),
            "NAME  COUNT\n"
            "李雷      5\n"
            "anna  12345\n");
}

TEST(RowWriter, TableWithoutRowsSaysSo) {
  EXPECT_EQ(written(Format::kTable, {}, "nobody"), "nobody\n");
  EXPECT_EQ(written(Format::kTable, {}), "NAME  COUNT\n");
}

TEST(RowWriter, TableGoesOnBeyondItsSample) {
  std::vector<std::vector<Cell>> rows(RowWriter::kSample + 2, {"a", 1});
  const std::string text = written(Format::kTable, rows);
  EXPECT_EQ(std::ranges::count(text, '\n'), static_cast<std::ptrdiff_t>(RowWriter::kSample) + 3);
}

TEST(RowWriter, TerminalEscapesAreShownAndNotObeyed) {
  const std::string text = written(Format::kTable, {{"\x1b[2J\n", 1}});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(std::ranges::count(text, '\n'), 2);
}

TEST(RowWriter, CsvGuardsFormulasButNotNumbers) {
  EXPECT_EQ(written(Format::kCsv, {{"=1+1", -5}, {"+86", 1}, {"@x", 2}, {"-x", 3}}),
            "name,count\n'=1+1,-5\n'+86,1\n'@x,2\n'-x,3\n");
}

TEST(RowWriter, CsvQuotesCommasAndQuotes) {
  EXPECT_EQ(written(Format::kCsv, {{"a,\"b\"", 1}}), "name,count\n\"a,\"\"b\"\"\",1\n");
}

TEST(RowWriter, NdjsonKeepsNumbersNumbers) {
  EXPECT_EQ(written(Format::kNdjson, {{"a\t\"b\"", 7}}),
            "{\"name\":\"a\\t\\\"b\\\"\",\"count\":7}\n");
  EXPECT_EQ(written(Format::kNdjson, {}, "nobody"), "");
}

TEST(Facts, NamesArePaddedAndEmptyValuesLeftOut) {
  Facts facts;
  facts.add("job", "a");
  facts.add("reason", "");
  facts.add("subject", "x\x07");
  std::ostringstream out;
  facts.print(out);
  EXPECT_EQ(out.str().substr(0, out.str().find('\n')), "job      a");
  EXPECT_EQ(out.str().find("reason"), std::string::npos);
  EXPECT_EQ(out.str().find('\x07'), std::string::npos);
}

TEST(Output, NumbersForPeople) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1000), "1,000");
  EXPECT_EQ(with_commas(-1234567), "-1,234,567");
  EXPECT_EQ(percent(3, 200), "1.50 %");
  EXPECT_EQ(percent(0, 0), "-");
  EXPECT_EQ(span(59), "59s");
  EXPECT_EQ(span(61), "1m01s");
  EXPECT_EQ(span(5400), "1h30m");
  EXPECT_EQ(span(50 * 3600), "2d02h");
  EXPECT_EQ(span(-3), "0s");
  EXPECT_EQ(bytes_text(1023), "1023 B");
  EXPECT_EQ(bytes_text(1536), "1.5 KiB");
  EXPECT_EQ(yuan(MicroYuan{7000}), "¥0.007");
  EXPECT_EQ(yuan(MicroYuan{-28'000}), "-¥0.028");
}

TEST(Output, AMomentIsANumberForProgramsAndReadableForPeople) {
  constexpr std::int64_t kAt = 1'795'223'088'604;
  EXPECT_EQ(when(kAt), "2026-11-21 01:04:48Z");
  EXPECT_EQ(when(0), "-");
  EXPECT_EQ(at_cell(kAt, Format::kNdjson).text, "1795223088604");
  EXPECT_TRUE(at_cell(kAt, Format::kNdjson).number);
  EXPECT_EQ(at_cell(0, Format::kNdjson).text, "0");
  EXPECT_EQ(at_cell(0, Format::kTable).text, "-");
  EXPECT_EQ(at_cell(0, Format::kCsv).text, "");
  EXPECT_EQ(at_cell(kAt, Format::kCsv).text, "2026-11-21 01:04:48Z");
}

TEST(Output, ChineseTakesTwoColumns) {
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("你好"), 4u);
  EXPECT_EQ(display_width("é"), 1u);
  EXPECT_EQ(pad("你", 4), "你  ");
  EXPECT_EQ(pad("7", 3, true), "  7");
  EXPECT_EQ(pad("long", 2), "long");
}

}  // namespace
}  // namespace hongyan::cli
