#include "engine/inbound/delivery_status.h"

#include "base/mime/fields.h"
#include "base/text.h"
#include "engine/answer/reply_text.h"
#include "engine/inbound/addresses.h"
#include "engine/inbound/original.h"

namespace hongyan::inbound {
namespace {

Kind kind_of(std::string_view action, std::string_view status) {
  const std::string word = ascii_lower(action.substr(0, action.find_first_of(" \t(;,")));
  if (word == "failed" || word == "failure") return Kind::kBounce;
  if (word == "delayed") return Kind::kDelay;
  if (word == "delivered" || word == "relayed" || word == "expanded") return Kind::kDelivered;
  // No word of RFC 3464's: the class of the status decides.
  return status.starts_with('2') ? Kind::kDelivered : Kind::kBounce;
}

// "smtp; 550 5.1.1 ...": what stands behind the type.
std::string_view diagnostic(std::string_view value) {
  const std::size_t type = value.find(';');
  if (type != std::string_view::npos && type < 20 && !value.substr(0, type).contains(' ') &&
      value.find_first_of("0123456789") > type)
    value.remove_prefix(type + 1);
  return trim_blanks(value);
}

std::string status_in(std::string_view value) {
  if (value.starts_with('2')) return std::string(value.substr(0, value.find_first_of(" \t(")));
  return std::string(answer::find_status(value));
}

StatusEntry entry_of(const mime::Fields& fields) {
  StatusEntry entry;
  const std::string_view final_one = fields.find("final-recipient");
  entry.recipient = typed_address(final_one);
  std::string original = typed_address(fields.find("original-recipient"));
  const std::string actual = typed_address(fields.find("x-actual-recipient"));
  if (entry.recipient.empty()) {
    const std::size_t type = final_one.find(';');
    entry.name = trim_blanks(final_one.substr(type == std::string_view::npos ? 0 : type + 1));
    entry.recipient = !actual.empty() ? actual : original;
  }
  if (!ascii_iequals(original, entry.recipient)) entry.original_recipient = std::move(original);
  entry.evidence.status = status_in(fields.find("status"));
  entry.evidence.host = fields.find_any({"remote-mta", "reporting-mta"});
  for (const std::string_view name :
       {"diagnostic-code", "x-supplementary-info", "x-notes-diagnostic", "x-mms-diagnostic"})
    for (const std::string_view value : fields.all(name))
      if (const auto words = diagnostic(value); !words.empty())
        entry.evidence.said.emplace_back(words);
  // "4.0.0 (host name lookup failure)"
  if (const auto comment = fields.find("status"); entry.evidence.said.empty())
    if (const std::size_t open = comment.find('('); open != std::string_view::npos)
      entry.evidence.said.push_back(entry.evidence.status + " " +
                                    std::string(comment.substr(open + 1)));
  // PowerMTA's own verdict, in words that the rules know as well.
  if (const auto category = fields.find("x-powermta-bouncecategory"); !category.empty())
    entry.evidence.told.push_back(entry.evidence.status + " " + std::string(category));
  entry.kind = kind_of(fields.find("action"), entry.evidence.status);
  return entry;
}

}  // namespace

DeliveryStatus read_delivery_status(std::string_view text) {
  DeliveryStatus found;
  mime::Fields about_all;
  while (!text.empty() && found.entries.size() < kMostRecipients) {
    const mime::Fields fields = mime::take_fields(text);
    if (fields.empty()) continue;
    if (found.message_id.empty())
      found.message_id = bare_id(fields.find_any({"x-original-message-id", "original-message-id"}));
    const bool names = fields.has("final-recipient") || fields.has("original-recipient") ||
                       fields.has("x-actual-recipient");
    if (names) {
      found.entries.push_back(entry_of(fields));
    } else if (!found.entries.empty() &&
               (fields.has("action") || fields.has("status") || fields.has("diagnostic-code"))) {
      // The rest of the recipient before, behind an empty line that should not be there.
      StatusEntry rest = entry_of(fields);
      StatusEntry& last = found.entries.back();
      if (last.evidence.status.empty()) last.evidence.status = rest.evidence.status;
      for (auto& words : rest.evidence.said) last.evidence.said.push_back(std::move(words));
      if (fields.has("action")) last.kind = rest.kind;
    }
  }
  return found;
}

bool holds_delivery_status(std::string_view text) {
  bool recipient = false;
  bool status = false;
  while (!text.empty()) {
    const std::string name = mime::field_name(mime::take_line(text));
    recipient |= name == "final-recipient";
    status |= name == "status" || name == "action";
  }
  return recipient && status;
}

}  // namespace hongyan::inbound
