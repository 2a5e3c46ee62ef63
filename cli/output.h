#pragma once

#include "base/json.h"
#include "base/money.h"

#include <concepts>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hongyan::cli {

enum class Format : unsigned char { kTable, kCsv, kNdjson };

// A value of a row: text from anywhere, or a number as it is written.
struct Cell {
  std::string text;
  bool number = false;

  Cell(std::string value) : text(std::move(value)) {}
  Cell(std::string_view value) : text(value) {}
  Cell(const char* value) : text(value) {}
  Cell(std::integral auto value) : text(std::to_string(value)), number(true) {}
};

struct Column {
  std::string name;    // in CSV and JSON
  std::string title;   // in tables
  bool right = false;  // aligned right: numbers
};

// Writes rows as they come; memory does not grow with them: a table takes its widths from the first
// kSample rows. Control characters are escaped in tables and CSV, and CSV cells that a spreadsheet
// would take for a formula are quoted; JSON has its own escapes.
class RowWriter {
 public:
  static constexpr std::size_t kSample = 500;

  RowWriter(std::ostream& out, Format format, std::vector<Column> columns);

  void row(std::vector<Cell> cells);
  // Writes what is held back; call it last. A table without rows prints `empty`, if any.
  void end(std::string_view empty = {});
  std::size_t rows() const { return rows_; }
  // False when nobody reads any more (a closed pipe): stop.
  bool good() const;

 private:
  void put_table_line(const std::vector<std::string>& texts);
  void flush_sample();

  std::ostream& out_;
  Format format_;
  std::vector<Column> columns_;
  std::vector<std::size_t> widths_;
  std::vector<std::vector<std::string>> sample_;
  bool started_ = false;
  std::size_t rows_ = 0;
  std::string line_;
};

// "name  value" lines, names padded to one width; empty values are left out.
class Facts {
 public:
  void add(std::string name, std::string value);
  void print(std::ostream& out) const;

 private:
  std::vector<std::pair<std::string, std::string>> facts_;
};

// One object on a line of standard output.
void print_json(const Json& value);
Json json_number(std::int64_t value);

// Columns a terminal needs for valid UTF-8: Chinese, kana and the like take two.
std::size_t display_width(std::string_view text);
std::string pad(std::string_view text, std::size_t width, bool right = false);

// For people: 1234567 → "1,234,567"; 3 of 200 → "1.50 %"; unix ms → "2026-11-20 21:35:52Z", 0 →
// "-"; 5,400 s → "1h30m".
std::string with_commas(std::int64_t value);
std::string percent(std::int64_t part, std::int64_t whole);
std::string when(std::int64_t unix_ms);
// A moment as a format wants it: unix ms in JSON (0: never), readable in tables ("-") and CSV ("").
Cell at_cell(std::int64_t unix_ms, Format format);
std::string span(std::int64_t seconds);
std::string bytes_text(std::int64_t bytes);
// "¥0.007"
std::string yuan(MicroYuan amount);

}  // namespace hongyan::cli
