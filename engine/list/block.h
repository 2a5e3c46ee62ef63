#pragma once

#include "base/fault.h"
#include "engine/list/recipient_line.h"
#include "engine/list/row.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::list {

// An item of the Redis list hongyan:{ID}:recipients: NDJSON lines, at most 1 MiB, optionally with a
// head {"block":n}; the last item of a list is {"end":true,"count":N}.
inline constexpr std::size_t kMaxItem = 1024 * 1024;

// Reads one item as the planner takes it. Every line that is neither head, end nor blank is exactly
// one row, good or refused: that is what `count` counts.
//
//   BlockReader block(item, lines_so_far);
//   if (block.fault()) ...            // over 1 MiB: nothing of it was read
//   while (block.next(row)) ...
//   if (block.end_count()) ...
//
// The item must outlive the reader. Rows reuse their memory from call to call.
class BlockReader {
 public:
  // Rows without a number of their own are counted on from `lines_before`.
  explicit BlockReader(std::string_view item, std::uint64_t lines_before = 0);

  const std::optional<Fault>& fault() const { return fault_; }
  // Known from the start.
  std::optional<std::uint64_t> block() const { return block_; }
  // Known from the start when the item begins with it, else once next() has returned false.
  std::optional<std::uint64_t> end_count() const { return end_count_; }
  // The next row, or false: the item is used up.
  bool next(Row& row);
  // Rows given so far.
  std::uint64_t lines() const { return lines_; }

 private:
  std::optional<std::string_view> next_line();

  std::string_view rest_;
  std::uint64_t lines_before_;
  std::uint64_t lines_ = 0;
  std::optional<Fault> fault_;
  std::optional<std::uint64_t> block_;
  std::optional<std::uint64_t> end_count_;
  LineReader reader_;
};

// Makes such items from rows, numbered from 1, each about `target` bytes. The same rows always make
// the same blocks, so that an interrupted submission can be run again from its beginning: repeated
// numbers are ignored. A refused row travels with its number, raw address and reason.
class BlockWriter {
 public:
  explicit BlockWriter(std::size_t target = 256 * 1024) : target_(target) {}

  // A full block when this row had no place in the one being filled.
  std::optional<std::string> add(const Row& row);
  // What is left, if anything.
  std::optional<std::string> flush();
  // {"end":true,"count":N}: push it last.
  std::string end_item() const;

  std::uint64_t count() const { return count_; }
  std::uint64_t blocks() const { return blocks_; }

 private:
  std::size_t target_;
  std::uint64_t count_ = 0;
  std::uint64_t blocks_ = 0;
  std::string open_;  // lines of the block being filled, without its head
  std::string line_;
};

}  // namespace hongyan::list
