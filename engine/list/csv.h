#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::list {

// Splits RFC 4180 text into records. Stateless between records: the caller owns the buffer and asks
// again with more of it when a record is cut.
//
// Wider than the RFC where spreadsheets are: LF, CRLF or CR end a record; any one-byte separator.
// Narrower nowhere: text after a closing quote and a quote that never closes are faults.
class CsvScanner {
 public:
  enum class Status : unsigned char { kRecord, kNeedMore, kBad };
  struct Scan {
    Status status = Status::kNeedMore;
    std::size_t used = 0;  // bytes to drop before the next call; for kBad: its first line
    const char* why = "";  // of kBad
  };

  void set_separator(char separator) { separator_ = separator; }
  // `last`: nothing comes after `text`. `text` must not be empty.
  Scan scan(std::string_view text, bool last);
  // Of the last kRecord; valid until the next scan.
  std::size_t size() const { return count_; }
  const std::string& field(std::size_t i) const { return fields_[i]; }

 private:
  std::string& begin_field();

  char separator_ = ',';
  std::vector<std::string> fields_;  // memory is kept from record to record
  std::size_t count_ = 0;
};

// What separates the header's columns: a comma, unless there is none but a tab or semicolon
// (spreadsheets write those for some locales and for "Unicode text").
char separator_of(std::string_view header_line);

}  // namespace hongyan::list
