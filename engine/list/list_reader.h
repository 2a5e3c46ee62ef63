#pragma once

#include "base/decoder.h"
#include "base/fault.h"
#include "engine/list/csv.h"
#include "engine/list/recipient_line.h"
#include "engine/list/row.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::list {

enum class Format : unsigned char { kCsv, kNdjson };

struct ListOptions {
  std::optional<Format> format;      // default: NDJSON when the text begins with {
  std::optional<Encoding> encoding;  // default: found out (see Decoder)
  std::string to_column;             // default: to, email, e-mail, mail, address, 邮箱, 邮件地址
};

// A recipient list as people keep it, read in chunks; memory does not grow with the list.
//
//   ListReader reader(options);
//   while (more) { reader.feed(chunk); while (reader.next(row)) use(row); }
//   reader.finish();
//   while (reader.next(row)) use(row);
//   if (reader.fault()) ...
//
// Every record with anything in it is one row, good or refused. Blank records count for the
// numbering only, so that numbers are those a spreadsheet shows.
class ListReader {
 public:
  explicit ListReader(ListOptions options = {});

  void feed(std::string_view bytes);
  void finish();
  // The next row; false: feed more, or the list is over.
  bool next(Row& row);
  // Set when the list as a whole cannot be read (no address column, a column named twice).
  const std::optional<Fault>& fault() const { return fault_; }

  // Known once the first rows are.
  std::optional<Format> format() const { return options_.format; }
  std::optional<Encoding> encoding() const { return decoder_.encoding(); }
  // Of CSV: the names of the variables, in order.
  const std::vector<std::string>& variables() const { return variables_; }

 private:
  bool next_csv(Row& row);
  bool next_ndjson(Row& row);
  bool read_header();
  bool skip_line();
  void fill(Row& row);
  void refuse(Row& row, std::string_view code, std::string why, std::string_view raw);
  bool fail_list(std::string what, std::string hint = {});
  std::string_view rest() const { return std::string_view(text_).substr(at_); }
  std::string not_text() const;

  ListOptions options_;
  Decoder decoder_;
  std::string text_;  // decoded, not yet read from at_ on
  std::size_t at_ = 0;
  bool finished_ = false;
  bool skipping_ = false;  // the rest of a line that was too long
  std::uint64_t number_ = 0;
  std::optional<Fault> fault_;

  CsvScanner csv_;
  bool has_header_ = false;
  std::vector<std::string> columns_;    // "" has no name and is dropped
  std::vector<std::string> variables_;  // columns_ without the address and the nameless
  std::size_t to_column_ = 0;

  LineReader lines_;
};

}  // namespace hongyan::list
