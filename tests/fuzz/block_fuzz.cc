// Every line of an item is exactly one row, a head, an end, or blank.
#include "base/text.h"
#include "engine/list/block.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view item(reinterpret_cast<const char*>(data), size);
  hongyan::list::BlockReader reader(item);
  if (reader.fault()) return 0;
  hongyan::list::Row row;
  std::uint64_t rows = 0;
  for (; reader.next(row); ++rows) {
    if (row.to.size() > 3 * hongyan::list::kMaxRawAddress) abort();
    if (row.refused() && (!row.vars.empty() || row.address.error().detail.size() > 2048)) abort();
  }
  std::uint64_t lines = 0;
  for (const std::string_view line : hongyan::split(item, '\n'))
    lines += !hongyan::trim_blanks(line).empty();
  if (rows > lines || reader.lines() != rows) abort();
  if (!reader.block() && !reader.end_count() && rows != lines) abort();
  return 0;
}
