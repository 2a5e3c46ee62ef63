#include "dns/tlsa.h"

#include "base/text.h"

namespace hongyan::dns {
namespace {

constexpr std::size_t kSha256 = 32;
constexpr std::size_t kSha512 = 64;

}  // namespace

bool is_usable(const TlsaRecord& record) {
  if (record.usage != 2 && record.usage != 3) return false;
  if (record.selector > 1) return false;
  switch (record.matching) {
    case 0:
      return !record.data.empty();
    case 1:
      return record.data.size() == kSha256;
    case 2:
      return record.data.size() == kSha512;
    default:
      return false;
  }
}

std::string tlsa_name(std::string_view host, std::uint16_t port) {
  return "_" + std::to_string(port) + "._tcp." + std::string(host);
}

Result<Dane> read_dane(const Result<Answer>& answer, std::string_view base) {
  const auto unresolved = [&](const std::string& why) {
    return fail(Scope::kHost, "tlsa-unresolved",
                "TLSA records of `" + escape_control(base) + "` cannot be had: " + why);
  };
  if (!answer) return unresolved(answer.error().detail);
  if (answer->rcode != Rcode::kNoError && answer->rcode != Rcode::kNxDomain)
    return unresolved("rcode " + std::to_string(static_cast<int>(answer->rcode)));
  if (!answer->authentic || answer->tlsa.empty()) return Dane{};
  Dane dane{Dane::Demand::kEncryption, {}, std::string(base)};
  for (const TlsaRecord& record : answer->tlsa)
    if (is_usable(record)) dane.records.push_back(record);
  if (!dane.records.empty()) dane.demand = Dane::Demand::kAuthentication;
  return dane;
}

}  // namespace hongyan::dns
