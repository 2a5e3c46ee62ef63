// A client that says anything to the intake of mail: a mail is handed over only with recipients the
// desk took, never more is held than the bounds say, and each mail gets its replies.
#include "engine/inbound/session.h"

#include <cstdint>
#include <cstdlib>

using namespace hongyan::inbound;  // NOLINT(google-build-using-namespace): one file, one subject

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const SessionOptions options{"in.example", (data[0] & 1) != 0, (data[0] & 2) != 0, 1000};
  const std::size_t step = 1U + data[1];
  const Desk desk{.admit =
                      [](std::string_view address) {
                        if (address.empty() || address.size() > Session::kLongestAddress)
                          std::abort();
                        return address.starts_with('a') ? Admission::kTaken : Admission::kForged;
                      },
                  .note_refusal = [](std::string_view) {}};
  Session session(options, desk);
  std::string out;
  session.greet(out);
  std::string held;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  for (std::size_t i = 0; i < bytes.size(); i += step) {
    held += bytes.substr(i, step);
    for (;;) {
      out.clear();
      std::string_view input = held;
      const Session::Step what = session.feed(input, out);
      held = std::string(input);
      if (!out.empty() && !out.ends_with("\r\n")) std::abort();
      if (what == Session::Step::kClose) return 0;
      if (what == Session::Step::kRead) break;
      if (what == Session::Step::kStartTls) {
        if (!options.offers_tls) std::abort();
        held.clear();
        session.tls_started();
        break;
      }
      const ReceivedMail mail = session.take_mail();
      if (mail.recipients.empty() || mail.recipients.size() > Session::kMostRecipients)
        std::abort();
      if (mail.bytes > options.max_bytes || mail.front.size() != mail.bytes) std::abort();
      for (const std::string& one : mail.recipients)
        if (!one.starts_with('a')) std::abort();
      session.answer(std::vector<std::string>(mail.recipients.size(), "250 2.0.0 taken"), out);
    }
    if (held.size() > Session::kLongestLine + step) std::abort();
  }
  return 0;
}
