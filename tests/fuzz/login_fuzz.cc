// What a server says to a log-in, and what a user pastes: any bytes.
#include "base/text.h"
#include "mailbox/catalogue/catalogue.h"
#include "mailbox/catalogue/secret.h"
#include "mailbox/login/explain.h"
#include "mailbox/login/shown_reply.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace hongyan;

constexpr std::string_view kSecret = "weaselotterstoat";

void check_reply(std::string_view text, std::uint8_t choice) {
  static const auto explainer = *login::Explainer::built_in();
  constexpr std::string_view kProviders[] = {"", "netease_ent", "qq", "gmail", "sina"};
  const login::Verdict verdict = explainer->explain(
      {kProviders[choice % 5], static_cast<login::Protocol>(choice / 5 % 3),
       static_cast<login::Stage>(choice / 15 % 11), choice % 2 == 0 ? "535" : "NO", text});
  if (verdict.says.refused && verdict.says.backup != login::Backup::kNever) std::abort();
  std::string echoed(text);
  echoed.insert(echoed.size() / 2, kSecret);
  const std::string shown = login::shown_reply(echoed, kSecret);
  if (!is_valid_utf8(shown) || shown.contains(kSecret)) std::abort();
}

void check_secret(std::string_view pasted) {
  static const auto catalogue = *mailbox::Catalogue::built_in();
  for (const char* id : {"gmail", "icloud", "aliyun", "sohu", "netease_ent"}) {
    const mailbox::Setup& setup = catalogue.setup_of(*catalogue.by_id(id));
    const auto once = mailbox::normalise_secret(setup, pasted);
    if (once.secret.size() > pasted.size()) std::abort();
    if (!is_valid_utf8(pasted)) continue;
    if (!(mailbox::normalise_secret(setup, once.secret.reveal()).secret == once.secret))
      std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  check_reply(text, data[0]);
  check_secret(text);
  return 0;
}
