// SPF records of any domain: evaluation ends, within its limits, whatever the zone says. The
// input's lines are the zone: every name has the record of one of them.
#include "base/text.h"
#include "dns/spf.h"
#include "dns/spf_macro.h"
#include "dns/spf_record.h"

#include <cstdlib>

namespace {

using namespace hongyan;

class AnyZone final : public dns::Lookup {
 public:
  explicit AnyZone(std::string_view text) : lines_(split(text, '\n')) {}
  Result<dns::Answer> ask(const std::string& name, dns::Type type) override {
    if (++asked > 200) std::abort();
    if (name.empty() || name.size() > 253) std::abort();
    std::size_t sum = asked;
    for (const char c : name) sum = sum * 31 + static_cast<unsigned char>(c);
    const std::string_view line = lines_[sum % lines_.size()];
    dns::Answer answer;
    if (type == dns::Type::kTxt)
      answer.texts.emplace_back(sum % 5 == 0 ? std::string(line) : "v=spf1 " + std::string(line));
    else if (sum % 3 == 0)
      return fail(Scope::kHost, "dns-timeout", "no answer");
    else if (type == dns::Type::kMx)
      answer.mx.assign(sum % 12, {10, std::string(line)});
    else if (type == dns::Type::kPtr)
      answer.names.assign(sum % 12, std::string(line.substr(0, 100)) + "x.example");
    else if (sum % 3 == 1)
      answer.addresses.push_back(IpAddress::v4({192, 0, 2, 1}));
    return answer;
  }
  std::size_t asked = 0;

 private:
  std::vector<std::string_view> lines_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)dns::parse_spf(text);
  AnyZone zone(text);
  const auto ip = size % 2 == 0 ? IpAddress::v4({192, 0, 2, 1}) : *IpAddress::parse("2001:db8::1");
  const auto verdict =
      dns::check_spf({ip, "acme.example", "a-b@acme.example", "mta.acme.example"}, zone);
  if (verdict.lookups > 11 || verdict.void_lookups > 3) std::abort();
  return 0;
}
