#include "engine/inbound/notification.h"

#include "base/json.h"
#include "base/text.h"
#include "engine/inbound/addresses.h"
#include "engine/inbound/delivery_status.h"
#include "engine/inbound/original.h"

#include <optional>
#include <string>

namespace hongyan::inbound {
namespace {

std::string text_of(const Json& object, std::string_view key) {
  const Json* found = object.find(key);
  return found != nullptr && found->is(Json::Kind::kString) ? found->text() : std::string();
}

// Mailers on the way break lines that are too long, some with a mark: "!\n ".
std::optional<Json> parse(std::string_view text) {
  if (auto value = parse_json(text)) return std::move(*value);
  std::string joined;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool marked = text.substr(i).starts_with("!\n ");
    if (!marked && text[i] != '\n') {
      joined += text[i];
      continue;
    }
    i += marked ? 1 : 0;
    if (i + 1 < text.size() && text[i + 1] == ' ') ++i;
  }
  if (auto value = parse_json(joined)) return std::move(*value);
  return std::nullopt;
}

struct Event {
  std::string_view type;
  std::string_view member;
  std::string_view list;
};
constexpr Event kEvents[] = {{"Bounce", "bounce", "bouncedRecipients"},
                             {"Complaint", "complaint", "complainedRecipients"},
                             {"Delivery", "delivery", "recipients"}};

Report report_of(const Json& item, std::string_view type, const Judge& judge) {
  Report report;
  report.recipient = item.is(Json::Kind::kString) ? typed_address(item.text())
                                                  : typed_address(text_of(item, "emailAddress"));
  Evidence evidence;
  evidence.status = text_of(item, "status");
  if (type == "Complaint") {
    report.kind = Kind::kComplaint;
    return report;
  }
  if (type == "Delivery") {
    report.kind = Kind::kDelivered;
    return report;
  }
  const std::string action = ascii_lower(text_of(item, "action"));
  report.kind = action == "delayed" ? Kind::kDelay : Kind::kBounce;
  std::string said = text_of(item, "diagnosticCode");
  if (const std::size_t type_end = said.find(';'); type_end < 10) said.erase(0, type_end + 1);
  if (!said.empty()) evidence.said.push_back(std::move(said));
  judge.judge(evidence, report);
  return report;
}

}  // namespace

std::vector<Report> read_notification(std::string_view text, const Judge& judge) {
  std::vector<Report> reports;
  text = trim_blanks(text);
  const std::size_t open = text.find('{');
  const std::size_t close = text.rfind('}');
  if (open == std::string_view::npos || open > 4 || close == std::string_view::npos ||
      !text.contains("ecipients"))
    return reports;
  auto outer = parse(text.substr(open, close - open + 1));
  if (!outer) return reports;
  // The topic's envelope, unless it delivers raw messages.
  if (const std::string inner = text_of(*outer, "Message"); !inner.empty()) {
    outer = parse(inner);
    if (!outer) return reports;
  }
  std::string type = text_of(*outer, "notificationType");
  if (type.empty()) type = text_of(*outer, "eventType");
  for (const Event& event : kEvents) {
    const Json* about = outer->find(event.member);
    const Json* list = type == event.type && about != nullptr ? about->find(event.list) : nullptr;
    if (list == nullptr) continue;
    const Json* mail = outer->find("mail");
    for (const Json& item : list->items()) {
      if (reports.size() >= kMostRecipients) break;
      Report report = report_of(item, event.type, judge);
      if (report.recipient.empty()) continue;
      if (const Json* common = mail != nullptr ? mail->find("commonHeaders") : nullptr)
        report.message_id = bare_id(text_of(*common, "messageId"));
      reports.push_back(std::move(report));
    }
  }
  return reports;
}

}  // namespace hongyan::inbound
