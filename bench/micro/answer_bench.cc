// What reading one refusal costs with all rules loaded: about a microsecond for a receiver that is
// known.
#include "engine/answer/classifier.h"
#include "engine/config/bounce_rules.h"

#include <benchmark/benchmark.h>

#include <cstdlib>

namespace hongyan::answer {
namespace {

const Classifier& classifier() {
  static const std::shared_ptr<const Classifier> made = [] {
    auto book = config::load_bounce_rules();
    if (!book) std::abort();
    auto built = Classifier::create(std::move(*book));
    if (!built) std::abort();
    return *built;
  }();
  return *made;
}

void classify(benchmark::State& state, const Reply& reply) {
  const Classifier& all = classifier();
  for (auto _ : state) benchmark::DoNotOptimize(all.classify(reply).group);
}

using scheduler::Stage;

void own_rule(benchmark::State& state) {
  classify(state, {"netease", Stage::kMail, 451, "", "MI:SFQ 163 smtp9,NeRpCgDX 1763690000"});
}
void everybodys_words(benchmark::State& state) {
  classify(
      state,
      {"google", Stage::kRcpt, 550, "5.1.1",
       "The email account that you tried to reach does not exist. Please try double-checking"});
}
void stranger(benchmark::State& state) {
  classify(state, {"", Stage::kRcpt, 550, "5.1.1",
                   "<li@example.cn>: User unknown in virtual mailbox table"});
}
void words_that_say_nothing(benchmark::State& state) {
  classify(state,
           {"", Stage::kContent, 554, "", "Transaction failed 7d39d5299584f4be161127e61f5f5400"});
}
BENCHMARK(own_rule);
BENCHMARK(everybodys_words);
BENCHMARK(stranger);
BENCHMARK(words_that_say_nothing);

void load_all(benchmark::State& state) {
  for (auto _ : state) {
    auto book = config::load_bounce_rules();
    benchmark::DoNotOptimize(Classifier::create(std::move(*book)));
  }
}
BENCHMARK(load_all)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hongyan::answer
