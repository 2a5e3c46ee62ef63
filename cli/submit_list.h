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

// Reads a recipient list ("-": standard input) to its end, row by row; memory does not grow.
// Errors: "list", a sentence.
Result<ListCounts> read_list(std::istream& in, const list::ListOptions& options,
                             const std::function<Result<void>(const list::Row&)>& each);

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
