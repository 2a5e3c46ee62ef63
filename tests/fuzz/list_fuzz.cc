// A list gives the same rows however it is cut, and every row goes through a block unchanged. The
// first byte chooses the chunk size.
#include "engine/list/block.h"
#include "engine/list/list_reader.h"

#include <cstdint>
#include <cstdlib>
#include <vector>

namespace {

using hongyan::list::ListReader;
using hongyan::list::Row;

std::vector<Row> read(std::string_view text, std::size_t chunk) {
  ListReader reader;
  std::vector<Row> rows;
  Row row;
  for (std::size_t i = 0; i < text.size(); i += chunk) {
    reader.feed(text.substr(i, chunk));
    while (reader.next(row)) rows.push_back(row);
  }
  reader.finish();
  while (reader.next(row)) rows.push_back(row);
  return rows;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto rows = read(text, 1 + data[0] % 64);
  const auto whole = read(text, text.size() + 1);
  if (rows.size() != whole.size()) abort();
  hongyan::list::BlockWriter writer;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].number != whole[i].number || rows[i].to != whole[i].to) abort();
    if (rows[i].refused() != whole[i].refused() || rows[i].vars != whole[i].vars) abort();
    if (writer.add(rows[i])) return 0;  // more than a block: enough was compared
  }
  const auto item = writer.flush();
  if (!item) return 0;
  hongyan::list::BlockReader block(*item);
  Row row;
  for (const Row& sent : rows) {
    if (!block.next(row) || row.number != sent.number || row.refused() != sent.refused()) abort();
    if (!sent.refused() && (*row.address != *sent.address || row.vars != sent.vars)) abort();
  }
  return 0;
}
