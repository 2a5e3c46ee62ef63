#pragma once

#include "cli/session.h"
#include "engine/list/list_reader.h"

#include <cstdint>
#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <string>

namespace hongyan::cli {

struct ListCounts {
  std::uint64_t rows = 0;
  std::uint64_t refused = 0;
  std::uint64_t blocks = 0;
  std::vector<std::string> first_refusals;  // some, as sentences
};

// A recipient list, read row by row; memory does not grow.
//
//   ListSource source(in, options);
//   source.begin()    before anything is queued: everything that can be wrong with a whole list
//   source.read(...)  to its end, the first row included
//
// Errors: "list", a sentence.
class ListSource {
 public:
  ListSource(std::istream& in, const list::ListOptions& options);

  // Reads as far as the first row.
  Result<void> begin();
  // Known after begin().
  bool is_csv() const { return reader_.format() == list::Format::kCsv; }
  const std::vector<std::string>& variables() const { return reader_.variables(); }
  Result<ListCounts> read(const std::function<Result<void>(const list::Row&)>& each);

 private:
  bool next();
  Result<void> trouble() const;

  std::istream& in_;
  list::ListReader reader_;
  list::Row row_;
  std::string buffer_;
  bool over_ = false;
  bool has_row_ = false;
};

// Pushes rows as numbered blocks to hongyan:{ID}:recipients. The same list always makes the same
// blocks, and repeated numbers are ignored: an interrupted submission is simply run again.
class BlockPusher {
 public:
  BlockPusher(Session& session, std::string id);
  ~BlockPusher();

  Result<void> add(const list::Row& row);
  // The last block and the end.
  Result<void> finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hongyan::cli
