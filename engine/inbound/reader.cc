#include "engine/inbound/reader.h"

#include "base/mime/mime.h"
#include "base/text.h"
#include "engine/inbound/addresses.h"
#include "engine/inbound/delivery_status.h"
#include "engine/inbound/feedback.h"
#include "engine/inbound/level.h"
#include "engine/inbound/notice.h"
#include "engine/inbound/notification.h"
#include "engine/inbound/phrases.h"

#include <algorithm>
#include <array>

namespace hongyan::inbound {
namespace {

constexpr std::array<std::string_view, 7> kKinds = {
    "bounce", "delay", "delivered", "complaint", "unsubscribe", "auto-reply", "not-a-report"};
constexpr std::array<std::string_view, 3> kRefusals = {"too-many-parts", "too-many-fields",
                                                       "too-many-groups"};

bool is_auto_reply(const Level& level) {
  const std::string submitted = ascii_lower(level.fields->find("auto-submitted"));
  if (submitted.starts_with("auto-replied") || submitted.starts_with("auto-notified")) return true;
  if (level.fields->find_any({"x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply"}) !=
      "")
    return true;
  const std::string precedence = ascii_lower(level.fields->find("precedence"));
  if (precedence == "auto_reply" || precedence == "auto-reply") return true;
  if (announces_absence(level.subject)) return true;
  // Answers that lists and help desks send by themselves.
  const bool answers = level.fields->has("in-reply-to") || level.subject.starts_with("re:");
  return answers &&
         (precedence == "bulk" || precedence == "junk" || submitted.starts_with("auto-generated"));
}

// Of a mail without fields for machines: is it a notice of a mailer?
bool is_notice(const Level& level) {
  if (!level.failed.empty()) return true;
  if (level.type == "multipart/report") return true;
  const bool announced = announces_failure(level.subject) || announces_delay(level.subject);
  if (announced) return true;
  const std::string text = ascii_lower(level.notice);
  if (!tells_failure(text)) return false;
  return level.from_machine() || text.contains("\nrcpt to:") || text.contains(" rcpt to:");
}

Kind kind_of_notice(const Level& level) {
  const std::string text = ascii_lower(level.notice.substr(0, 8192));
  const bool announced = announces_delay(level.subject);
  const bool warns = level.subject.contains("warning") &&
                     (level.subject.contains("could not send") || level.subject.contains("past"));
  if (warns || text.contains("warning message only")) return Kind::kDelay;
  if (announced && !announces_failure(level.subject) && !gave_up(text)) return Kind::kDelay;
  if ((announced || text.contains("delayed")) && still_tries(text) && !gave_up(text))
    return Kind::kDelay;
  return Kind::kBounce;
}

// Who is meant by an entry whose recipient is a local user.
std::string recipient_of(const StatusEntry& entry, const Level& level, std::size_t entries) {
  if (!entry.recipient.empty()) return entry.recipient;
  if (entries == 1 && level.failed.size() == 1) return level.failed.front();
  for (const std::string& sent_to : level.original.recipients)
    if (!entry.name.empty() && local_part(sent_to) == ascii_lower(entry.name)) return sent_to;
  if (entries != 1) return {};
  const auto found = find_failed(level.notice, level.original, level.own);
  return found.size() == 1 ? found.front().recipient : std::string();
}

void add_statuses(const Level& level, const Judge& judge, std::vector<Report>& reports) {
  for (const std::string& text : level.statuses) {
    DeliveryStatus status = read_delivery_status(text);
    for (StatusEntry& entry : status.entries) {
      if (reports.size() >= kMostRecipients) return;
      Report report;
      report.kind = entry.kind;
      report.recipient = recipient_of(entry, level, status.entries.size());
      if (report.recipient.empty()) continue;
      report.original_recipient = entry.original_recipient;
      report.message_id = status.message_id.empty() ? level.original.message_id : status.message_id;
      report.return_path = level.original.return_path;
      if (reports.size() < 5)
        for (auto& words : words_about(level.notice, report.recipient))
          entry.evidence.told.push_back(std::move(words));
      judge.judge(entry.evidence, report);
      const auto same = std::ranges::find_if(reports, [&](const Report& one) {
        return ascii_iequals(one.recipient, report.recipient);
      });
      if (same == reports.end()) reports.push_back(std::move(report));
    }
  }
}

void add_notice(const Level& level, const Judge& judge, std::vector<Report>& reports) {
  const Kind kind = kind_of_notice(level);
  std::vector<Finding> found;
  for (const std::string& address : level.failed)
    if (found.size() < kMostRecipients)
      found.push_back({address, found.size() < 5 ? words_about(level.notice, address)
                                                 : std::vector<std::string>()});
  if (found.empty()) found = find_failed(level.notice, level.original, level.own);
  for (Finding& one : found) {
    Report report;
    report.kind = kind;
    report.recipient = std::move(one.recipient);
    report.message_id = level.original.message_id;
    report.return_path = level.original.return_path;
    judge.judge({"", std::string(level.fields->find("x-remote-mta")), {}, std::move(one.texts)},
                report);
    reports.push_back(std::move(report));
  }
}

// What stands in fields for machines: sure.
void add_fields(const Level& level, const Judge& judge, std::vector<Report>& reports) {
  if (const auto complaint = read_feedback(level))
    reports.push_back(*complaint);
  else
    add_statuses(level, judge, reports);
  if (reports.empty()) reports = read_notification(level.notice, judge);
}

// What stands in words.
void add_words(const Level& level, const Judge& judge, std::vector<Report>& reports) {
  const bool absent = announces_absence(level.subject) && !level.from_machine();
  if (!absent && is_notice(level)) add_notice(level, judge, reports);
  if (!reports.empty()) return;
  Report report;
  if (is_auto_reply(level)) {
    report.kind = Kind::kAutoReply;
  } else if (asks_to_leave(level.subject) ||
             (level.subject.empty() && asks_to_leave(ascii_lower(trim_blanks(level.notice))))) {
    report.kind = Kind::kUnsubscribe;
    if (auto from = header_addresses(level.fields->find("from")); !from.empty())
      report.recipient = std::move(from.front());
  } else {
    return;
  }
  report.message_id = level.original.message_id;
  report.return_path = level.original.return_path;
  reports.push_back(std::move(report));
}

}  // namespace

std::string_view kind_name(Kind kind) {
  return kKinds.at(static_cast<std::size_t>(kind));
}
std::string_view refusal_name(mime::Refusal refusal) {
  return kRefusals.at(static_cast<std::size_t>(refusal));
}

Reading Reader::read(std::string_view bytes, std::string_view arrived_for) const {
  Reading reading;
  reading.arrived_for = arrived_for;
  const auto mail = mime::parse_mime(bytes);
  if (!mail) {
    reading.refusal = mail.error();
    reading.reports.emplace_back();
    return reading;
  }
  if (reading.arrived_for.empty())
    reading.arrived_for = typed_address(
        mail->fields.find_any({"x-original-to", "delivered-to", "envelope-to", "to"}));
  // Fields for machines before words for people, and the outermost message before those in it: a
  // report that was forwarded, or put into another mailer's notice.
  std::vector<Level> levels;
  levels.push_back(make_level(*mail, mime::kOutermost));
  for (std::size_t i = 0; i < mail->parts.size(); ++i)
    if (mail->parts[i].type == "message/rfc822")
      levels.push_back(make_level(*mail, static_cast<int>(i)));
  for (const auto add : {add_fields, add_words})
    for (const Level& level : levels)
      if (reading.reports.empty()) add(level, judge_, reading.reports);
  if (reading.reports.empty()) {
    reading.reports.emplace_back();
    reading.reports.back().message_id = levels.front().original.message_id;
  }
  return reading;
}

}  // namespace hongyan::inbound
