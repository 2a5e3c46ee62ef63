#include "engine/message/message.h"

#include <benchmark/benchmark.h>

#include <string>

namespace hongyan::message {
namespace {

Spec spec_of(const std::string& line) {
  Spec spec;
  spec.from_address = "news@acme.example";
  spec.from_name = "Acme";
  spec.subject = "Hello {{ name }}";
  spec.message_id_domain = "acme.example";
  spec.job_id = "bench";
  spec.text = "{{ name }},\n";
  while (spec.text.size() < 2000) spec.text += line;
  spec.text += "{{ city }}\n";
  while (spec.text.size() < 4000) spec.text += line;
  spec.text += "{{ code }}\n";
  return spec;
}

void render(benchmark::State& state, const std::string& line, std::string_view name) {
  const auto compiled = compile(spec_of(line));
  const std::pair<std::string_view, std::string_view> variables[] = {
      {"name", name}, {"city", "Hangzhou"}, {"code", "A1B2C3D4"}};
  const Recipient recipient{"li.lei@example.cn", variables, "spring-1.0042.17",
                            WallTime{std::chrono::milliseconds{1767571200000}}};
  Rendered out;
  for (auto _ : state) {
    benchmark::DoNotOptimize((*compiled)->render(recipient, out));
    benchmark::DoNotOptimize(out.pieces().data());
  }
  state.counters["bytes"] = static_cast<double>(out.size());
}

void BM_RenderQuotedPrintable4K(benchmark::State& state) {
  render(state, "A line of ordinary text that an offer is made of.\n", "Li Lei");
}
BENCHMARK(BM_RenderQuotedPrintable4K);

void BM_RenderBase644K(benchmark::State& state) {
  render(state, "鸿雁传书，见字如面；春暖花开，优惠不断。\n", "李雷");
}
BENCHMARK(BM_RenderBase644K);

// The same with a tag and filters: what is evaluated for each recipient.
void BM_RenderEvaluated4K(benchmark::State& state) {
  render(state,
         "A line of ordinary text that an offer is made of.\n"
         "{% if city == 'Hangzhou' %}{{ code | downcase }}{% endif %}\n",
         "Li Lei");
}
BENCHMARK(BM_RenderEvaluated4K);

}  // namespace
}  // namespace hongyan::message
