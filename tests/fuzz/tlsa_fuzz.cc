// TLSA and TXT answers from any server: what is called usable has the length of its digest.
#include "dns/sts.h"
#include "dns/tlsa.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hongyan;
  if (size < 1) return 0;
  const dns::Type type = data[0] % 2 == 0 ? dns::Type::kTlsa : dns::Type::kTxt;
  const auto answer = dns::parse_answer({data + 1, size - 1}, "a.test", type);
  if (answer && answer->count() > dns::kMaxRecords) std::abort();
  if (answer) (void)dns::find_sts_id(answer->texts);
  const auto dane = dns::read_dane(answer, "a.test");
  if (!dane) return 0;
  for (const TlsaRecord& record : dane->records) {
    if (record.usage < 2 || record.usage > 3 || record.data.empty()) std::abort();
    if (record.matching == 1 && record.data.size() != 32) std::abort();
  }
  return 0;
}
