#include "mailbox/office/tracking.h"

#include "base/json.h"
#include "metrics/catalogue.h"

namespace hongyan::mailbox {

async::Task<Result<std::string>> Tracking::seen(identity::LetterTracking what) {
  const bool click = !what.url.empty();
  const auto box = co_await mailboxes_.load(what.mailbox);
  if (!box) co_return std::unexpected(box.error());
  const auto fields = co_await mailboxes_.load_letter(what.mailbox, what.letter);
  if (!fields) co_return std::unexpected(fields.error());
  std::vector<Json::Member> event{{"mailbox", Json::string(what.mailbox)},
                                  {"letter", Json::string(what.letter)},
                                  {"to", Json::string(read_letter_record(*fields).to)}};
  if (click) {
    event.emplace_back("link", Json::number(std::to_string(what.link)));
    event.emplace_back("url", Json::string(what.url));
  }
  auto verdict =
      co_await mailboxes_.seen(what.mailbox, what.letter, click ? std::int64_t{what.link} : -1,
                               to_json(Json::object(std::move(event))));
  if (!verdict) co_return std::unexpected(verdict.error());
  tools_.registry.add(metrics::kMailboxTracked, {click ? "click" : "open", *verdict}, 1);
  if (*verdict == "counted") co_await tools_.publish(read_account(what.mailbox, *box));
  co_return *verdict;
}

}  // namespace hongyan::mailbox
