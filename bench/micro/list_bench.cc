// Planning must take 100,000 recipients/s on one core, of which reading blocks may cost a fifth:
// 500,000 rows/s and more. Addresses alone: 5,000,000/s.
#include "engine/list/block.h"
#include "engine/list/list_reader.h"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace hongyan::list {
namespace {

constexpr int kRows = 10'000;

std::string csv() {
  std::string text = "name,email,city,points\n";
  for (int i = 0; i < kRows; ++i)
    text += "李娜" + std::to_string(i) + ",user" + std::to_string(i) + "@mail" +
            std::to_string(i % 50) + ".example.cn,\"上海, 浦东\"," + std::to_string(i * 7) + "\n";
  return text;
}

std::vector<std::string> blocks() {
  std::vector<std::string> items;
  BlockWriter writer;
  ListReader reader;
  reader.feed(csv());
  reader.finish();
  for (Row row; reader.next(row);)
    if (auto full = writer.add(row)) items.push_back(std::move(*full));
  if (auto left = writer.flush()) items.push_back(std::move(*left));
  return items;
}

void ParseAddress(benchmark::State& state) {
  const std::string_view addresses[] = {"li.wei@example.cn", "u1234567@163.com",
                                        "Anna.Schmidt+news@mail.acme.example"};
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(parse_address(addresses[i++ % 3]));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(ParseAddress);

void ParseInternationalAddress(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(parse_address("李娜@例子.测试"));
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(ParseInternationalAddress);

void ReadBlocks(benchmark::State& state) {
  const auto items = blocks();
  std::int64_t bytes = 0;
  for (const std::string& item : items) bytes += static_cast<std::int64_t>(item.size());
  Row row;
  for (auto _ : state)
    for (const std::string& item : items) {
      BlockReader reader(item);
      while (reader.next(row)) benchmark::DoNotOptimize(row);
    }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kRows);
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * bytes);
}
BENCHMARK(ReadBlocks);

void ReadCsvAndWriteBlocks(benchmark::State& state) {
  const std::string text = csv();
  Row row;
  for (auto _ : state) {
    ListReader reader;
    BlockWriter writer;
    constexpr std::size_t kChunk = 64 * 1024;
    for (std::size_t at = 0; at < text.size(); at += kChunk) {
      reader.feed(std::string_view(text).substr(at, kChunk));
      while (reader.next(row)) benchmark::DoNotOptimize(writer.add(row));
    }
    reader.finish();
    while (reader.next(row)) benchmark::DoNotOptimize(writer.add(row));
    benchmark::DoNotOptimize(writer.flush());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * kRows);
}
BENCHMARK(ReadCsvAndWriteBlocks);

}  // namespace
}  // namespace hongyan::list
