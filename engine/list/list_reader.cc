#include "engine/list/list_reader.h"

#include "base/list_value.h"
#include "base/text.h"
#include "base/utf8.h"

#include <algorithm>
#include <utility>

namespace hongyan::list {
namespace {

// In the order of preference when a list has several.
constexpr std::string_view kToColumns[] = {"to",      "email", "e-mail",  "mail",
                                           "address", "邮箱",  "邮件地址"};

}  // namespace

ListReader::ListReader(ListOptions options)
    : options_(std::move(options)), decoder_(options_.encoding) {}

void ListReader::feed(std::string_view bytes) {
  text_.erase(0, std::exchange(at_, 0));
  if (!fault_) decoder_.feed(bytes, text_);
}

void ListReader::finish() {
  if (!fault_) decoder_.finish(text_);
  finished_ = true;
}

bool ListReader::next(Row& row) {
  if (fault_) return false;
  if (!options_.format) {
    const auto first = rest().find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos && !finished_) return false;
    const bool brace = first != std::string_view::npos && rest()[first] == '{';
    options_.format = brace ? Format::kNdjson : Format::kCsv;
  }
  return *options_.format == Format::kCsv ? next_csv(row) : next_ndjson(row);
}

bool ListReader::fail_list(std::string what, std::string hint) {
  fault_ = Fault{"row " + std::to_string(number_), std::move(what), std::move(hint)};
  return false;
}

std::string ListReader::not_text() const {
  return "has bytes that are no " +
         std::string(to_string(decoder_.encoding().value_or(Encoding::kUtf8))) +
         "; --encoding names another";
}

void ListReader::refuse(Row& row, std::string_view code, std::string why, std::string_view raw) {
  row.number = number_;
  row.to = replace_invalid_utf8(trim_blanks(raw.substr(0, kMaxRawAddress)));
  row.vars.clear();
  row.address = fail(Scope::kDelivery, code, std::move(why));
}

// Drops up to and including the next line end; false: it has not come yet.
bool ListReader::skip_line() {
  const auto end = rest().find('\n');
  at_ = end == std::string_view::npos ? text_.size() : at_ + end + 1;
  skipping_ = end == std::string_view::npos;
  return !skipping_;
}

bool ListReader::next_ndjson(Row& row) {
  if (skipping_ && !skip_line()) return false;
  while (at_ < text_.size()) {
    const auto end = rest().find('\n');
    if (end == std::string_view::npos && !finished_ && rest().size() <= kMaxRecord) return false;
    ++number_;
    const std::string_view line = trim_blanks(rest().substr(0, end));
    if (line.size() > kMaxRecord) {
      refuse(row, "too-long", "the line is longer than 256 KiB", line);
      skip_line();
      return true;
    }
    at_ = end == std::string_view::npos ? text_.size() : at_ + end + 1;
    if (line.empty()) continue;
    row.number = number_;
    if (lines_.read(line, row) != LineReader::Kind::kRecipient)
      refuse(row, "bad-line", "block and end lines belong on the queue, not into a file", line);
    else
      row.number = number_;
    return true;
  }
  return false;
}

bool ListReader::read_header() {
  csv_.set_separator(separator_of(rest().substr(0, rest().find_first_of("\r\n"))));
  const auto scan = csv_.scan(rest(), finished_);
  if (scan.status == CsvScanner::Status::kNeedMore)
    return rest().size() > kMaxRecord ? fail_list("the header row is longer than 256 KiB") : false;
  ++number_;
  const std::string_view line = rest().substr(0, scan.used);
  if (scan.status == CsvScanner::Status::kBad) return fail_list(scan.why);
  if (utf8_prefix(line) != line.size()) return fail_list("the header row " + not_text());
  at_ += scan.used;
  if (csv_.size() == 1 && trim_blanks(csv_.field(0)).empty())
    return !finished_ || at_ < text_.size();

  std::vector<std::string> folded;
  for (std::size_t i = 0; i < csv_.size(); ++i) {
    const std::string name(trim_blanks(csv_.field(i)));
    if (!name.empty() && std::ranges::count(columns_, name) > 0)
      return fail_list("the column `" + escape_control(name) + "` is there twice");
    columns_.push_back(name);
    folded.push_back(ascii_lower(name));
  }
  const auto find = [&](std::string_view name) {
    to_column_ =
        static_cast<std::size_t>(std::ranges::find(folded, ascii_lower(name)) - folded.begin());
    return to_column_ < folded.size();
  };
  const bool found =
      options_.to_column.empty() ? std::ranges::any_of(kToColumns, find) : find(options_.to_column);
  if (!found) {
    if (!options_.to_column.empty()) {
      const auto hint = nearest(options_.to_column, columns_);
      return fail_list("there is no column `" + escape_control(options_.to_column) + "`",
                       hint ? "did you mean `" + *hint + "`?" : "");
    }
    const bool data = std::ranges::any_of(
        columns_, [](const std::string& name) { return parse_address(name).has_value(); });
    return fail_list("there is no address column",
                     data ? "the first row must name the columns"
                          : "call it to, email or 邮箱, or name it with --to-column");
  }
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (i != to_column_ && !columns_[i].empty()) variables_.push_back(columns_[i]);
  if (variables_.size() > kMaxVars) return fail_list("has more than 1,000 columns");
  has_header_ = true;
  return true;
}

void ListReader::fill(Row& row) {
  row.number = number_;
  const std::string empty;
  const std::string& raw = to_column_ < csv_.size() ? csv_.field(to_column_) : empty;
  const std::string_view shown = trim_blanks(raw).substr(0, kMaxRawAddress);
  row.to = replace_invalid_utf8(shown);
  row.address = parse_address(raw);
  std::size_t count = 0;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i == to_column_ || columns_[i].empty()) continue;
    if (row.vars.size() == count) row.vars.emplace_back();
    auto& [name, value] = row.vars[count++];
    name = columns_[i];
    assign_text_value(value, i < csv_.size() ? csv_.field(i) : empty);
  }
  row.vars.resize(count);
}

bool ListReader::next_csv(Row& row) {
  while (!has_header_)
    if (at_ == text_.size() || !read_header()) {
      if (finished_ && !fault_ && !has_header_) fail_list("the list is empty");
      return false;
    }
  if (skipping_ && !skip_line()) return false;
  while (at_ < text_.size()) {
    const auto scan = csv_.scan(rest(), finished_);
    const bool long_one = scan.status == CsvScanner::Status::kNeedMore ? rest().size() > kMaxRecord
                                                                       : scan.used > kMaxRecord;
    if (long_one) {
      // Perhaps a quote that never closes: only its first line is lost.
      ++number_;
      refuse(row, "too-long", "the row is longer than 256 KiB (a quote that is not closed?)",
             rest().substr(0, rest().find('\n')));
      skip_line();
      return true;
    }
    if (scan.status == CsvScanner::Status::kNeedMore) return false;
    ++number_;
    const std::string_view record = rest().substr(0, scan.used);
    at_ += scan.used;
    if (scan.status == CsvScanner::Status::kBad) {
      refuse(row, "bad-csv", scan.why, record);
      return true;
    }
    std::size_t used = csv_.size();
    while (used > 0 && trim_blanks(csv_.field(used - 1)).empty()) --used;
    if (used == 0) continue;
    fill(row);
    if (utf8_prefix(record) != record.size())
      row.address = fail(Scope::kDelivery, "bad-encoding", not_text());
    else if (used > columns_.size())
      row.address = fail(Scope::kDelivery, "bad-csv",
                         "has " + std::to_string(used) + " fields where the header has " +
                             std::to_string(columns_.size()) + " (a comma without quotes?)");
    if (row.refused()) row.vars.clear();
    return true;
  }
  return false;
}

}  // namespace hongyan::list
