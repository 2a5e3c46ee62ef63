// Any mail must give reports, bounded, UTF-8, and no crash; and nobody is suppressed but by a
// bounce.
#include "base/text.h"
#include "engine/answer/reply_text.h"
#include "engine/config/bounce_rules.h"
#include "engine/inbound/reader.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hongyan;
  static const inbound::Reader reader = [] {
    auto book = config::load_bounce_rules();
    if (!book) std::abort();
    auto made = answer::Classifier::create(std::move(*book));
    if (!made) std::abort();
    return inbound::Reader(*made, nullptr);
  }();
  const inbound::Reading reading =
      reader.read({reinterpret_cast<const char*>(data), size}, "tag@mta.example");
  if (reading.reports.empty() || reading.reports.size() > 200) std::abort();
  for (const inbound::Report& report : reading.reports) {
    if (!is_valid_utf8(report.reply) || report.reply.size() > 2 * answer::kMostText) std::abort();
    if (report.suppress && (report.kind != inbound::Kind::kBounce || report.recipient.empty()))
      std::abort();
  }
  return 0;
}
