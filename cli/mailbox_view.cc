#include "cli/mailbox_view.h"

#include "cli/published.h"
#include "mailbox/office/pace_rules.h"

#include <algorithm>

namespace hongyan::cli {
namespace {

constexpr int kMostWaiting = 1000;

}  // namespace

Result<std::vector<std::string>> all_mailboxes(Session& session) {
  return session.run(store::MailboxStore(session.jobs()).all());
}

Result<std::optional<MailboxView>> load_mailbox(Session& session, const std::string& address,
                                                const mailbox::Catalogue& catalogue, int most) {
  store::MailboxStore store(session.jobs());
  const auto fields = session.run(store.load(address));
  if (!fields) return std::unexpected(fields.error());
  MailboxView view;
  view.account = mailbox::read_account(address, *fields);
  if (view.account.status == mailbox::Status::kUnbound) return std::nullopt;
  const auto fleet = published_fleet(session);
  if (!fleet) return std::unexpected(fleet.error());
  const config::MailboxSettings settings = *fleet ? (*fleet)->mailbox : config::MailboxSettings{};
  const mailbox::Pace pace(mailbox::pace_rules(settings, catalogue, view.account));
  const WallTime now = SystemClock().wall();
  view.day = pace.day_at(view.account.bound_at, now);
  const auto sent = session.run(store.sent_on(address, view.day.date));
  if (!sent) return std::unexpected(sent.error());
  view.sent_today = *sent;

  const auto read = [&](const std::string& id) -> Result<MailboxView::Letter> {
    auto letter = session.run(store.load_letter(address, id));
    if (!letter) return std::unexpected(letter.error());
    return MailboxView::Letter{id, mailbox::read_letter_record(*letter), {}};
  };
  const auto waiting = session.run(store.waiting(address, kMostWaiting));
  if (!waiting) return std::unexpected(waiting.error());
  view.waiting = waiting->size();
  const mailbox::PaceState state = view.account.pace_state(view.sent_today);
  for (std::size_t i = 0; i < waiting->size(); ++i) {
    const auto& [id, due] = (*waiting)[i];
    auto letter = read(id);
    if (!letter) return std::unexpected(letter.error());
    letter->expected =
        std::max(from_unix_ms(due), pace.expected(state, now, static_cast<std::int64_t>(i)));
    view.letters.push_back(*std::move(letter));
  }
  const auto outbox = session.run(store.outbox(address, most));
  if (!outbox) return std::unexpected(outbox.error());
  for (const std::string& id : *outbox) {
    const bool waits =
        std::ranges::any_of(*waiting, [&](const auto& one) { return one.first == id; });
    if (waits) continue;
    auto letter = read(id);
    if (!letter) return std::unexpected(letter.error());
    view.letters.push_back(*std::move(letter));
  }
  return view;
}

}  // namespace hongyan::cli
