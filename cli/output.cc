#include "cli/output.h"

#include "base/text.h"
#include "base/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace hongyan::cli {
namespace {

// East Asian Wide and Fullwidth (UAX 11), by blocks: enough for names, addresses and subjects.
bool is_wide(char32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF && c != 0x303F) ||
         (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
         (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF) ||
         (c >= 0x20000 && c <= 0x3FFFD);
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t c = lead & (length == 1 ? 0x7F : 0xFF >> (length + 1));
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k)
      c = c << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3F);
    width += c >= 0x0300 && c <= 0x036F ? 0 : is_wide(c) ? 2 : 1;
    i += length;
  }
  return width;
}

std::string pad(std::string_view text, std::size_t width, bool right) {
  const std::size_t used = display_width(text);
  const std::string blanks(width > used ? width - used : 0, ' ');
  return right ? blanks + std::string(text) : std::string(text) + blanks;
}

RowWriter::RowWriter(std::ostream& out, Format format, std::vector<Column> columns)
    : out_(out), format_(format), columns_(std::move(columns)) {
  if (format_ == Format::kCsv) {
    for (std::size_t i = 0; i < columns_.size(); ++i)
      line_ += (i > 0 ? "," : "") + columns_[i].name;
    out_ << line_ << '\n';
  }
  for (const Column& column : columns_) widths_.push_back(display_width(column.title));
}

bool RowWriter::good() const {
  return out_.good();
}

void RowWriter::row(std::vector<Cell> cells) {
  ++rows_;
  line_.clear();
  if (format_ == Format::kTable) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < cells.size(); ++i)
      texts.push_back(cells[i].number ? std::move(cells[i].text) : escape_control(cells[i].text));
    if (started_) return put_table_line(texts);
    for (std::size_t i = 0; i < texts.size(); ++i)
      widths_[i] = std::max(widths_[i], display_width(texts[i]));
    sample_.push_back(std::move(texts));
    if (sample_.size() == kSample) flush_sample();
    return;
  }
  if (format_ == Format::kNdjson) {
    std::vector<Json::Member> members;
    for (std::size_t i = 0; i < cells.size(); ++i)
      members.emplace_back(columns_[i].name, cells[i].number
                                                 ? Json::number(std::move(cells[i].text))
                                                 : Json::string(std::move(cells[i].text)));
    append_json(line_, Json::object(std::move(members)));
  } else {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) line_ += ',';
      line_ += cells[i].number ? cells[i].text : csv_cell(escape_control(cells[i].text));
    }
  }
  line_ += '\n';
  out_ << line_;
}

void RowWriter::put_table_line(const std::vector<std::string>& texts) {
  line_.clear();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) line_ += "  ";
    line_ += pad(texts[i], widths_[i], columns_[i].right);
  }
  line_.erase(line_.find_last_not_of(' ') + 1);
  line_ += '\n';
  out_ << line_;
}

void RowWriter::flush_sample() {
  started_ = true;
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  put_table_line(titles);
  for (const auto& texts : sample_) put_table_line(texts);
  sample_.clear();
}

void RowWriter::end(std::string_view empty) {
  if (format_ == Format::kTable && !started_) {
    if (rows_ > 0 || empty.empty()) {
      flush_sample();
    } else {
      out_ << empty << '\n';
    }
  }
  out_.flush();
}

void Facts::add(std::string name, std::string value) {
  if (!value.empty()) facts_.emplace_back(std::move(name), std::move(value));
}

void Facts::print(std::ostream& out) const {
  std::size_t width = 0;
  for (const auto& [name, value] : facts_) width = std::max(width, display_width(name));
  for (const auto& [name, value] : facts_)
    out << pad(name, width) << "  " << escape_control(value) << '\n';
}

void print_json(const Json& value) {
  std::cout << to_json(value) << '\n' << std::flush;
}

Json json_number(std::int64_t value) {
  return Json::number(std::to_string(value));
}

std::string with_commas(std::int64_t value) {
  std::string text = std::to_string(value);
  const std::size_t first = value < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > first + 3; at -= 3) text.insert(at - 3, 1, ',');
  return text;
}

std::string percent(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return "-";
  return fmt::format("{:.2f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string when(std::int64_t unix_ms) {
  if (unix_ms <= 0) return "-";
  std::string text = format_rfc3339(from_unix_ms(unix_ms));
  text[10] = ' ';
  return text.substr(0, 19) + 'Z';
}

Cell at_cell(std::int64_t unix_ms, Format format) {
  if (format == Format::kNdjson) return unix_ms;
  return format == Format::kCsv && unix_ms <= 0 ? std::string() : when(unix_ms);
}

std::string span(std::int64_t seconds) {
  if (seconds < 60) return fmt::format("{}s", std::max<std::int64_t>(seconds, 0));
  if (seconds < 3600) return fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
  if (seconds < 48 * 3600) return fmt::format("{}h{:02}m", seconds / 3600, seconds / 60 % 60);
  return fmt::format("{}d{:02}h", seconds / 86400, seconds / 3600 % 24);
}

std::string bytes_text(std::int64_t bytes) {
  constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit < 4) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string yuan(MicroYuan amount) {
  return amount.value < 0 ? "-¥" + format_yuan(MicroYuan{-amount.value})
                          : "¥" + format_yuan(amount);
}

}  // namespace hongyan::cli
