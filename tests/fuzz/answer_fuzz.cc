// Any line must give an answer, UTF-8 and bounded, and no crash.
#include "base/text.h"
#include "engine/answer/classifier.h"
#include "engine/answer/reply_text.h"
#include "engine/config/bounce_rules.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hongyan;
  static const std::shared_ptr<const answer::Classifier> classifier = [] {
    auto book = config::load_bounce_rules();
    if (!book) std::abort();
    auto made = answer::Classifier::create(std::move(*book));
    if (!made) std::abort();
    return *made;
  }();
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const answer::ReplyLine reply = answer::parse_reply_line(line);
  if (!is_valid_utf8(reply.text) || reply.text.size() > 2 * answer::kMostText) std::abort();
  const answer::Meaning meaning = classifier->classify(
      {size % 2 == 0 ? "qq" : "", scheduler::Stage::kRcpt, reply.code, reply.enhanced, line});
  // Nobody is suppressed whose address was not judged bad.
  if (meaning.suppress && meaning.group != answer::Group::kBadMailbox &&
      meaning.group != answer::Group::kBadDomain)
    std::abort();
  return 0;
}
