#include "mailbox/office/letter_desk.h"

#include "base/log.h"
#include "engine/message/evaluated.h"
#include "engine/message/plain_text.h"
#include "mailbox/account/account.h"
#include "mailbox/guard/fingerprint.h"

#include <fmt/format.h>

namespace hongyan::mailbox {
namespace {

using async::Task;
using Put = store::MailboxStore::Put;

// Who asked for no more campaigns may still be answered; where mail cannot or must not go, it
// does not go.
constexpr std::string_view kStillAnswered = "unsubscribe";

Faults one_fault(std::string where, std::string what, std::string hint = {}) {
  return {{std::move(where), std::move(what), std::move(hint)}};
}

}  // namespace

std::expected<LetterText, Faults> read_letter(const Letter& letter, const TrackingPages& pages) {
  const message::Spec spec = message_spec(letter);
  const auto compiled = message::compile(spec);
  if (!compiled) return std::unexpected(compiled.error());
  const auto values = letter_variables(letter, **compiled, pages);
  const std::vector<std::pair<std::string_view, std::string_view>> variables(values.begin(),
                                                                             values.end());
  const std::string to = letter.to.normalised();
  const std::string id = message_id(letter);
  const SystemClock clock;
  const message::Recipient recipient{to, variables, id, clock.wall()};
  message::Rendered rendered;
  if (const auto done = (*compiled)->render(recipient, rendered); !done)
    return std::unexpected(one_fault("vars", done.error().detail));
  const message::Evaluation options{spec.utc_offset, spec.unknown_is_empty};
  LetterText text;
  if (auto subject = message::evaluate_text(spec.subject, recipient, options))
    text.subject = *std::move(subject);
  const std::string source =
      spec.text.empty() ? message::plain_text_template(spec.html) : spec.text;
  if (auto body = message::evaluate_text(source, recipient, options)) text.text = *std::move(body);
  return text;
}

LetterDesk::LetterDesk(store::JobStore& store, const config::MailboxSettings& settings,
                       TrackingPages pages)
    : settings_(settings), pages_(std::move(pages)), mailboxes_(store), suppressions_(store) {}

Task<Result<Faults>> LetterDesk::take(std::string document) {
  auto letter = parse_letter(document);
  if (!letter) co_return std::move(letter.error());
  auto faults = co_await judge(*letter);
  if (!faults) co_return faults;
  const auto text = read_letter(*letter, pages_);
  if (!text) faults->insert(faults->end(), text.error().begin(), text.error().end());
  if (!faults->empty()) co_return faults;
  faults = co_await guard(*letter, fingerprint(text->subject, text->text));
  if (!faults || !faults->empty()) co_return faults;

  const bool tracked = letter->track_opens || letter->track_clicks;
  const SystemClock clock;
  const std::int64_t due = to_unix_ms(letter->send_at ? *letter->send_at : clock.wall());
  const std::string address = account_key(letter->mailbox.normalised());
  const auto put = co_await mailboxes_.put(address, {letter->id,
                                                     letter->digest,
                                                     due,
                                                     {{"document", document},
                                                      {"to", letter->to.normalised()},
                                                      {"subject", text->subject},
                                                      {"tracked", tracked ? "1" : "0"}}});
  if (!put) co_return std::unexpected(put.error());
  if (*put == Put::kUnbound)
    co_return one_fault("mailbox", "was unbound a moment ago", "hongyan mailbox bind " + address);
  if (*put == Put::kDiffers)
    co_return one_fault("id", "`" + letter->id + "` is a letter with other content");
  auto woken = co_await mailboxes_.wake_at(address, due);
  if (!woken) co_return std::unexpected(woken.error());
  if (*put == Put::kCreated)
    log::info("letter-accepted",
              {{"mailbox", address}, {"letter", letter->id}, {"tenant", letter->tenant}});
  co_return Faults{};
}

Task<Result<Faults>> LetterDesk::judge(const Letter& letter) {
  const std::string address = account_key(letter.mailbox.normalised());
  const auto fields = co_await mailboxes_.load(address);
  if (!fields) co_return std::unexpected(fields.error());
  const Account account = read_account(address, *fields);
  // Of another tenant's mailbox not even its being is told.
  if (account.status == Status::kUnbound || account.tenant != letter.tenant)
    co_return one_fault("mailbox", "`" + address + "` is not bound by tenant " + letter.tenant,
                        "hongyan mailbox bind " + address + " --tenant " + letter.tenant);
  if (account.status == Status::kStopped)
    co_return one_fault("mailbox", "`" + address + "` is stopped: " + account.reason,
                        "check the addresses, then hongyan mailbox verify " + address);
  if ((letter.track_opens || letter.track_clicks) && pages_.url.empty())
    co_return one_fault("tracking", "needs pages that recipients can reach",
                        "mailbox.tracking_url names them; [public] serves them");
  const auto found = co_await suppressions_.find(letter.tenant, {letter.to.normalised()});
  if (!found) co_return std::unexpected(found.error());
  if (const auto& entry = found->front(); entry && entry->reason != kStillAnswered)
    co_return one_fault("to", "gets no mail: " + entry->sentence(),
                        "hongyan suppress remove, if that is wrong");
  co_return Faults{};
}

// A letter that was refused for its tenant stays noted for its mailbox: it was tried.
Task<Result<Faults>> LetterDesk::guard(const Letter& letter, std::uint64_t fingerprint) {
  const std::string address = account_key(letter.mailbox.normalised());
  for (const std::string& who : {address, letter.tenant}) {
    const auto others =
        co_await mailboxes_.guard({who, letter.id, fingerprint, account_key(letter.to.normalised()),
                                   settings_.alike_people, settings_.alike_window, kAlikeBits});
    if (!others) co_return std::unexpected(others.error());
    if (*others < settings_.alike_people) continue;
    co_return one_fault(
        "text",
        fmt::format(
            "{} other people got the same letter from {} within {} hours, {} is the limit; {}",
            *others, who == address ? "this mailbox" : "this tenant's mailboxes",
            std::chrono::duration_cast<std::chrono::hours>(settings_.alike_window).count(),
            settings_.alike_people, bulk_refusal()));
  }
  co_return Faults{};
}

}  // namespace hongyan::mailbox
