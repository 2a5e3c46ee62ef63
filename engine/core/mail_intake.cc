#include "engine/core/mail_intake.h"

#include "base/log.h"
#include "base/text.h"
#include "metrics/catalogue.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace hongyan::engine {
namespace {

using async::Task;
using identity::MessageRef;
using identity::Purpose;
using inbound::Kind;
using inbound::Report;

constexpr std::string_view kTaken = "250 2.0.0 taken";
constexpr std::string_view kLater = "451 4.3.0 cannot be stored now, come again";

// What stands behind the last "+" of the local part; empty: nothing.
std::string_view suffix_of(std::string_view address) {
  const auto local = address.substr(0, address.rfind('@'));
  const auto plus = local.rfind('+');
  return plus == std::string_view::npos ? std::string_view() : local.substr(plus + 1);
}

// Four dashes, or five, and one of our letters in front: somebody meant it to be a tag.
bool looks_tagged(std::string_view text) {
  const auto dashes = std::ranges::count(text, '-');
  return text.size() > 2 && text[1] == '-' && (dashes == 4 || dashes == 5);
}

// How much a report says, if several are about one message.
int gravity(const Report& report) {
  switch (report.kind) {
    case Kind::kBounce:
      return report.suppress ? 5 : 4;
    case Kind::kComplaint:
      return 3;
    case Kind::kUnsubscribe:
      return 2;
    case Kind::kDelay:
    case Kind::kDelivered:
    case Kind::kAutoReply:
      return 1;
    case Kind::kOther:
      break;
  }
  return 0;
}

bool asks_for_something(Kind kind) {
  return kind == Kind::kBounce || kind == Kind::kComplaint || kind == Kind::kUnsubscribe;
}

LateReport late_report(const Report& report) {
  LateReport late;
  late.status = report.status;
  late.text = report.reply;
  late.suppress = report.suppress;
  if (report.kind == Kind::kBounce) {
    late.group = answer::group_name(report.group);
    late.invalid_address =
        report.group == answer::Group::kBadMailbox || report.group == answer::Group::kBadDomain;
    return late;
  }
  const bool complaint = report.kind == Kind::kComplaint;
  late.kind = complaint ? LateReport::Kind::kComplaint : LateReport::Kind::kUnsubscribe;
  if (late.text.empty()) late.text = complaint ? "feedback report" : "mail";
  return late;
}

}  // namespace

struct MailIntake::Order {
  MessageRef ref;
  LateReport report;
  std::string lane{};  // that the message left by, where its tag tells
};

// What is to be done for one recipient of a mail, and how it is answered.
struct MailIntake::Ruling {
  std::string_view kind;     // for the metric: kind_name(), or "unreadable"
  std::string_view verdict;  // taken, nothing-to-do, no-message, refused; later
  std::string_view reply;
  std::vector<Order> orders{};
  std::optional<MessageRef> answered{};
};

MailIntake::MailIntake(const config::InboundSettings& settings, LateReports& reports,
                       inbound::Reader reader, metrics::Registry& registry, Answered answered)
    : settings_(settings),
      reports_(reports),
      reader_(std::move(reader)),
      registry_(registry),
      answered_(std::move(answered)) {}

inbound::ServerOptions MailIntake::server_options() const {
  return {.listen = settings_.listen,
          .session = {.host = settings_.host,
                      .lmtp = settings_.lmtp,
                      .max_bytes = static_cast<std::uint64_t>(settings_.max_bytes)},
          .certificate_file = settings_.certificate_file,
          .key_file = settings_.key_file,
          .max_connections = settings_.connections};
}

inbound::Desk MailIntake::desk() {
  return {.admit = [this](std::string_view address) { return admit(address); },
          .note_refusal =
              [this](std::string_view reason) {
                registry_.add(metrics::kInboundRefusals, {std::string(reason)}, 1);
              }};
}

std::optional<identity::MessageTag> MailIntake::tag_in(std::string_view address) const {
  auto tag = reports_.read_tag(suffix_of(address));
  // Message-IDs are known to more people than return paths.
  if (tag && tag->purpose == Purpose::kMessage) return std::nullopt;
  return tag;
}

std::optional<identity::MessageTag> MailIntake::tag_of_returned(const Report& report) const {
  if (auto tag = tag_in(report.return_path)) return tag;
  const std::string_view id =
      std::string_view(report.message_id).substr(0, report.message_id.find('@'));
  auto tag = reports_.read_tag(id);
  if (tag && tag->purpose == Purpose::kMessage) return tag;
  if (looks_tagged(id) || looks_tagged(suffix_of(report.return_path)))
    registry_.add(metrics::kInboundRefusals, {"forged-tag"}, 1);
  return std::nullopt;
}

inbound::Admission MailIntake::admit(std::string_view address) const {
  if (is_among(ascii_lower(address), settings_.addresses)) return inbound::Admission::kTaken;
  if (tag_in(address)) return inbound::Admission::kTaken;
  return looks_tagged(suffix_of(address)) ? inbound::Admission::kForged
                                          : inbound::Admission::kUnknown;
}

MailIntake::Ruling MailIntake::rule(const inbound::Reading& reading,
                                    const std::string& recipient) const {
  if (reading.refusal) return {"unreadable", "refused", "554 5.6.0 this cannot be read"};
  const Report& gravest = *std::ranges::max_element(reading.reports, {}, gravity);
  const std::string_view kind = inbound::kind_name(gravest.kind);
  auto tag = tag_in(recipient);
  if (!tag) tag = tag_in(reading.arrived_for);
  // Whatever stands in a mail to that address; machines do not write there of their own accord.
  if (tag && tag->purpose == Purpose::kUnsubscribe && gravest.kind == Kind::kOther) {
    Report wish;
    wish.kind = Kind::kUnsubscribe;
    return {inbound::kind_name(wish.kind), "taken", kTaken, {{tag->ref, late_report(wish)}}};
  }
  if (gravest.kind == Kind::kOther) {
    Ruling ruling{kind, "refused", "550 5.7.1 only reports about mail are read here"};
    const std::string_view id = gravest.message_id;
    if (!tag) tag = reports_.read_tag(id.substr(0, id.find('@')));
    if (tag) ruling.answered = tag->ref;
    return ruling;
  }
  // Nothing is ever sent from an address to unsubscribe: no bounce belongs there.
  const bool stray = tag && tag->purpose == Purpose::kUnsubscribe && gravest.kind == Kind::kBounce;
  if (stray || !asks_for_something(gravest.kind)) return {kind, "nothing-to-do", kTaken};
  Ruling ruling{kind, "taken", kTaken};
  if (tag) {
    ruling.orders.push_back({tag->ref, late_report(gravest), tag->lane});
    return ruling;
  }
  for (const Report& report : reading.reports) {
    if (!asks_for_something(report.kind)) continue;
    const auto found = tag_of_returned(report);
    if (!found) continue;
    const auto known = std::ranges::find(ruling.orders, found->ref, &Order::ref);
    if (known == ruling.orders.end()) {
      ruling.orders.push_back({found->ref, late_report(report), found->lane});
    } else if (report.suppress && !known->report.suppress) {
      known->report = late_report(report);
    }
  }
  if (!ruling.orders.empty()) return ruling;
  if (gravest.kind == Kind::kUnsubscribe)
    return {kind, "refused", "550 5.7.1 it does not show which mail; please use the link in it"};
  return {kind, "no-message", kTaken};
}

Task<MailIntake::Ruling> MailIntake::carry_out(Ruling ruling) {
  if (ruling.answered) co_await answered_(*ruling.answered);
  for (Order& order : ruling.orders) {
    const bool wish = order.report.kind == LateReport::Kind::kUnsubscribe;
    const auto done = co_await reports_.take(std::move(order.ref), std::move(order.report),
                                             std::move(order.lane));
    if (!done) {
      log::warning("inbound-not-stored", {{"error", done.error().detail}});
      co_return Ruling{ruling.kind, "later", kLater};
    }
    if (wish && *done == "gone")
      co_return Ruling{ruling.kind, "refused",
                       "550 5.7.1 that mail is too old; please use the link in it"};
  }
  co_return Ruling{ruling.kind, ruling.verdict, ruling.reply};
}

Task<inbound::Reading> MailIntake::read(std::string mail) {
  auto home = async::net::make_work_guard(co_await async::net::this_coro::executor);
  const auto begin = [this, &home](auto done, std::string bytes) {
    async::net::post(reading_, [this, home = std::move(home), done = std::move(done),
                                bytes = std::move(bytes)]() mutable {
      inbound::Reading reading = reader_.read(bytes, "");
      async::net::post(home.get_executor(),
                       [done = std::move(done), reading = std::move(reading)]() mutable {
                         std::move(done)(std::move(reading));
                       });
    });
  };
  co_return co_await async::net::async_initiate<decltype(async::kAwait), void(inbound::Reading)>(
      begin, async::kAwait, std::move(mail));
}

Task<std::vector<std::string>> MailIntake::take(inbound::ReceivedMail mail) {
  const inbound::Reading reading = co_await read(std::move(mail.front));
  std::vector<std::string> replies;
  for (const std::string& recipient : mail.recipients) {
    const Ruling done = co_await carry_out(rule(reading, recipient));
    registry_.add(metrics::kInboundMails, {std::string(done.kind), std::string(done.verdict)}, 1);
    log::info(
        "inbound-mail",
        {{"to", recipient}, {"kind", done.kind}, {"verdict", done.verdict}, {"bytes", mail.bytes}});
    replies.emplace_back(done.reply);
  }
  co_return replies;
}

}  // namespace hongyan::engine
