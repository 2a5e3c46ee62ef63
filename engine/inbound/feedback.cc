#include "engine/inbound/feedback.h"

#include "base/text.h"
#include "engine/inbound/addresses.h"

#include <array>
#include <string>

namespace hongyan::inbound {
namespace {

Kind kind_of(std::string_view type) {
  const std::string name = ascii_lower(trim_blanks(type));
  // RFC 5965 7.3: not-spam takes a complaint back; RFC 6591: a report about DKIM, SPF or DMARC.
  if (name == "not-spam" || name == "auth-failure" || name == "dmarc") return Kind::kOther;
  if (name == "opt-out" || name == "opt-out-list") return Kind::kUnsubscribe;
  return Kind::kComplaint;
}

// Receivers blank what they hide: "redacted@...", "[hidden]".
bool is_hidden(std::string_view address) {
  const std::string local = local_part(address);
  return local.contains("redacted") || local.contains("hidden") || local.contains("undisclosed");
}

std::string recipient_of(const mime::Fields& fields, const Original& original) {
  // RFC 5965 3.2: Original-Rcpt-To may stand there several times; Removal-Recipient is Comcast's.
  for (const std::string_view name :
       {"original-rcpt-to", "removal-recipient", "x-original-rcpt-to"})
    for (const std::string_view value : fields.all(name))
      if (std::string address = typed_address(value); !address.empty() && !is_hidden(address))
        return address;
  for (const std::string& address : original.recipients)
    if (!is_hidden(address)) return address;
  return {};
}

}  // namespace

std::optional<Report> read_feedback(const Level& level) {
  Report report;
  report.message_id = level.original.message_id;
  report.return_path = level.original.return_path;
  if (!trim_blanks(level.feedback).empty()) {
    std::string_view text = level.feedback;
    while (text.starts_with('\n')) text.remove_prefix(1);
    const mime::Fields fields = mime::take_fields(text);
    report.kind = kind_of(fields.find("feedback-type"));
    report.recipient = recipient_of(fields, level.original);
    if (std::string from = typed_address(fields.find("original-mail-from")); !from.empty())
      report.return_path = std::move(from);
    return report;
  }
  const bool jmrp = level.subject.starts_with("complaint about message from") &&
                    ascii_lower(level.fields->find("from")).contains("staff@hotmail.com");
  if (!jmrp) return std::nullopt;
  report.kind = Kind::kComplaint;
  report.recipient = recipient_of(mime::Fields(), level.original);
  return report;
}

}  // namespace hongyan::inbound
