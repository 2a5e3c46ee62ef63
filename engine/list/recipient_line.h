#pragma once

#include "base/json_scan.h"
#include "engine/list/row.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::list {

// Reads the lines that blocks and NDJSON files consist of:
//   {"to":"li@example.cn","vars":{"name":"李","points":1.50,"member":true}}   a recipient
//   {"block":7}                                                              head of a block
//   {"end":true,"count":10000}                                               end of a list
// A recipient line may carry "row" (its number in the list it came from) and "refused" (why the
// reader of that list could not take it). Values are strings, or numbers (kept as written),
// booleans, arrays and objects, which keep their kind (base/list_value.h), or null (absent).
//
// Thread: one owner; holds scratch memory only, so that a warm reader allocates little.
class LineReader {
 public:
  enum class Kind : unsigned char { kRecipient, kBlock, kEnd };

  // Fills `row` unless the line is a block head or an end. Every line that is neither is a
  // recipient, refused if need be; row.number stays as it was when the line has no "row".
  Kind read(std::string_view line, Row& row);

  std::uint64_t block() const { return block_; }
  std::uint64_t end_count() const { return count_; }

 private:
  // Members of the line that were there.
  struct Seen {
    bool to = false, vars = false, row = false, refused = false;
    bool block = false, end = false, count = false;
  };

  bool members(JsonScanner& in, Row& row);
  bool vars(JsonScanner& in, Row& row);
  bool unsigned_number(JsonScanner& in, std::uint64_t& out);

  Seen seen_;
  std::uint64_t block_ = 0;
  std::uint64_t count_ = 0;
  std::string scratch_;
  std::string key_;
  std::string refused_;
  std::string problem_;  // why the line is refused, beyond JSON grammar
};

}  // namespace hongyan::list
