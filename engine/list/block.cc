#include "engine/list/block.h"

#include "base/list_value.h"
#include "base/text.h"

namespace hongyan::list {
namespace {

// Room for the head {"block":18446744073709551615}.
constexpr std::size_t kHeadRoom = 32;

void append_line(std::string& out, const Row& row) {
  out += "{\"row\":";
  out += std::to_string(row.number);
  out += ",\"to\":";
  append_json_string(out, row.refused() ? row.to : row.address->normalised());
  if (row.refused()) {
    out += ",\"refused\":";
    append_json_string(out, row.address.error().detail);
  } else if (!row.vars.empty()) {
    out += ",\"vars\":";
    char before = '{';
    for (const auto& [name, value] : row.vars) {
      out += before;
      append_json_string(out, name);
      out += ':';
      if (is_json_value(value)) {
        out += json_of_value(value);
      } else {
        append_json_string(out, value);
      }
      before = ',';
    }
    out += '}';
  }
  out += "}\n";
}

}  // namespace

BlockReader::BlockReader(std::string_view item, std::uint64_t lines_before)
    : rest_(item), lines_before_(lines_before) {
  if (item.size() > kMaxItem) {
    fault_ = Fault{"recipients",
                   "an item has " + std::to_string(item.size()) + " bytes; 1 MiB is the limit",
                   "push smaller blocks"};
    rest_ = {};
    return;
  }
  const std::string_view whole = rest_;
  const auto first = next_line();
  if (!first) return;
  // A recipient, refused or not, is read again as a row by next().
  Row ignored;
  switch (reader_.read(*first, ignored)) {
    case LineReader::Kind::kBlock:
      block_ = reader_.block();
      break;
    case LineReader::Kind::kEnd:
      end_count_ = reader_.end_count();
      break;
    case LineReader::Kind::kRecipient:
      rest_ = whole;
      break;
  }
}

std::optional<std::string_view> BlockReader::next_line() {
  while (!rest_.empty()) {
    const auto end = rest_.find('\n');
    const std::string_view line = trim_blanks(rest_.substr(0, end));
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    if (!line.empty()) return line;
  }
  return std::nullopt;
}

bool BlockReader::next(Row& row) {
  while (const auto line = next_line()) {
    row.number = lines_before_ + lines_ + 1;
    switch (reader_.read(*line, row)) {
      case LineReader::Kind::kEnd:
        end_count_ = reader_.end_count();
        continue;
      case LineReader::Kind::kBlock:
        row.address = fail(Scope::kDelivery, "bad-line", "a block head stands inside a block");
        row.to.assign(line->substr(0, kMaxRawAddress));
        row.vars.clear();
        break;
      case LineReader::Kind::kRecipient:
        break;
    }
    ++lines_;
    return true;
  }
  return false;
}

std::optional<std::string> BlockWriter::add(const Row& row) {
  line_.clear();
  append_line(line_, row);
  // Escaping may double a record and more; what the engine would refuse is refused here, in words.
  if (line_.size() > kMaxRecord) {
    Row refused;
    refused.number = row.number;
    refused.to = row.to;
    refused.address = fail(Scope::kDelivery, "too-long", "the row is longer than 256 KiB");
    line_.clear();
    append_line(line_, refused);
  }
  ++count_;
  std::optional<std::string> full;
  if (!open_.empty() && open_.size() + line_.size() + kHeadRoom > target_) full = flush();
  open_ += line_;
  return full;
}

std::optional<std::string> BlockWriter::flush() {
  if (open_.empty()) return std::nullopt;
  std::string block = "{\"block\":" + std::to_string(++blocks_) + "}\n" + open_;
  open_.clear();
  return block;
}

std::string BlockWriter::end_item() const {
  return "{\"end\":true,\"count\":" + std::to_string(count_) + "}";
}

}  // namespace hongyan::list
