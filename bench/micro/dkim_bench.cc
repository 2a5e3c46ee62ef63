// Signing on all cores: `bench/run signing` compares with what `openssl speed rsa2048` does there.
// Defended: BM_SignRsa, a whole message with a body that recipients share, 80 % of openssl's rate.
#include "engine/dkim/signer.h"

#include <benchmark/benchmark.h>

#include <string>
#include <thread>

namespace hongyan::dkim {
namespace {

const Key& key_of(Algorithm algorithm) {
  static const Key rsa = Key::generate(Algorithm::kRsaSha256);
  static const Key ed25519 = Key::generate(Algorithm::kEd25519Sha256);
  return algorithm == Algorithm::kRsaSha256 ? rsa : ed25519;
}

Signer signer_of(std::initializer_list<Algorithm> algorithms) {
  std::vector<Identity> identities;
  for (const Algorithm one : algorithms)
    identities.push_back({"acme.example", std::string(name_of(one)), key_of(one)});
  return Signer(std::move(identities));
}

std::string header_of(int number) {
  return "From: Acme <news@acme.example>\r\nTo: li.lei." + std::to_string(number) +
         "@example.cn\r\nSubject: An offer for spring\r\nDate: Mon, 05 Jan 2026 00:00:00 +0000\r\n"
         "Message-ID: <spring." +
         std::to_string(number) +
         "@acme.example>\r\nList-Unsubscribe: <https://u.acme.example/u/abcdefghijklmnop>\r\n"
         "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nMIME-Version: 1.0\r\n"
         "Content-Type: text/plain; charset=utf-8\r\n\r\n";
}

enum class Bodies : unsigned char { kShared, kPersonal };

void sign(benchmark::State& state, std::initializer_list<Algorithm> algorithms, Bodies bodies) {
  const Signer signer = signer_of(algorithms);
  const WallTime at{std::chrono::milliseconds{1767571200000}};
  std::string body;
  while (body.size() < 4000) body += "A line of ordinary text that an offer is made of.\r\n";
  BodyHashes hashes;
  int number = 0;
  for (auto _ : state) {
    const std::string header = header_of(++number);
    const std::string own =
        bodies == Bodies::kPersonal ? "Dear " + std::to_string(number) + ",\r\n" : "";
    const std::string_view pieces[] = {header, own, body};
    benchmark::DoNotOptimize(signer.sign(signer.draft(pieces, at, hashes)));
  }
  state.SetItemsProcessed(state.iterations());
}

void on_all_cores(benchmark::internal::Benchmark* bench) {
  bench->UseRealTime()->Threads(static_cast<int>(std::thread::hardware_concurrency()));
}

void BM_SignRsa(benchmark::State& state) {
  sign(state, {Algorithm::kRsaSha256}, Bodies::kShared);
}
BENCHMARK(BM_SignRsa)->Apply(on_all_cores);

void BM_SignRsaPersonalBody(benchmark::State& state) {
  sign(state, {Algorithm::kRsaSha256}, Bodies::kPersonal);
}
BENCHMARK(BM_SignRsaPersonalBody)->Apply(on_all_cores);

void BM_SignEd25519(benchmark::State& state) {
  sign(state, {Algorithm::kEd25519Sha256}, Bodies::kShared);
}
BENCHMARK(BM_SignEd25519)->Apply(on_all_cores);

void BM_SignBoth(benchmark::State& state) {
  sign(state, {Algorithm::kRsaSha256, Algorithm::kEd25519Sha256}, Bodies::kShared);
}
BENCHMARK(BM_SignBoth)->Apply(on_all_cores);

}  // namespace
}  // namespace hongyan::dkim
