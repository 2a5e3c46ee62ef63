// An answer from any server on the internet: no bytes may crash, hang or grow without bound.
#include "dns/mx.h"
#include "dns/wire.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hongyan;
  if (size < 1) return 0;
  constexpr dns::Type kTypes[] = {dns::Type::kMx, dns::Type::kA, dns::Type::kAaaa, dns::Type::kSrv};
  const dns::Type type = kTypes[data[0] % 4];
  const auto answer = dns::parse_answer({data + 1, size - 1}, "a.test", type);
  if (!answer) return 0;
  if (answer->count() > dns::kMaxRecords) std::abort();
  if (answer->canonical.size() > 4 * 255) std::abort();
  auto plan = dns::plan_mx(*answer, "a.test");
  if (!plan) return 0;
  std::vector<dns::HostAddresses> found(plan->hosts.size());
  found.front().addresses = answer->addresses;
  const auto hosts = dns::place_addresses(*plan, found, {}, "a.test");
  if (!hosts) return 0;
  for (const auto& host : *hosts)
    for (const auto& address : host.addresses)
      if (is_special(address)) std::abort();
  return 0;
}
