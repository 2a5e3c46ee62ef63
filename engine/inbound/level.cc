#include "engine/inbound/level.h"

#include "base/mime/html_text.h"
#include "base/text.h"
#include "engine/inbound/addresses.h"
#include "engine/inbound/delivery_status.h"

#include <array>

namespace hongyan::inbound {
namespace {

constexpr std::array<std::string_view, 7> kMailerNames = {
    "mailer-daemon", "postmaster", "mail delivery", "mail system",
    "mailerdaemon",  "mdaemon",    "post_master"};

bool is_returned_header(std::string_view type) {
  return type == "text/rfc822-headers" || type == "text/rfc822-header" ||
         type == "message/rfc822-headers" || type == "message/global-headers";
}

bool is_status(std::string_view type) {
  return type == "message/delivery-status" || type == "message/global-delivery-status" ||
         type == "message/delivery_status";
}

}  // namespace

bool Level::from_machine() const {
  const std::string_view path = fields->find("return-path");
  if (trim_blanks(path) == "<>" || is_machine(typed_address(path))) return true;
  const std::string from = ascii_lower(mime::decode_words(fields->find("from")));
  for (const std::string_view name : kMailerNames)
    if (from.contains(name)) return true;
  return fields->has("from") && header_addresses(from).empty();
}

Level make_level(const mime::Mail& mail, int message) {
  Level level;
  level.fields = message == mime::kOutermost
                     ? &mail.fields
                     : &mail.parts[static_cast<std::size_t>(message)].fields;
  if (message == mime::kOutermost) level.type = mail.type;
  level.subject = ascii_lower(mime::decode_words(level.fields->find("subject")));
  for (const std::string_view name : {"from", "to", "reply-to", "return-path", "delivered-to"})
    for (auto& address : header_addresses(level.fields->find(name)))
      level.own.push_back(std::move(address));
  for (const std::string_view value : level.fields->all("x-failed-recipients"))
    for (auto& address : header_addresses(value)) level.failed.push_back(std::move(address));

  std::string plain;
  std::string html;
  for (const mime::Part& part : mail.parts) {
    if (part.message != message) continue;
    if (is_status(part.type)) {
      level.statuses.push_back(part.text);
    } else if (part.type == "message/feedback-report") {
      level.feedback = part.text;
    } else if (part.type == "message/rfc822") {
      level.original.learn(part.fields);
    } else if (is_returned_header(part.type)) {
      std::string_view text = part.text;
      while (text.starts_with('\n')) text.remove_prefix(1);
      level.original.learn(mime::take_fields(text));
    } else if (part.type == "text/html") {
      html += mime::text_of_html(part.text);
      html += '\n';
    } else if (part.type.starts_with("text/")) {
      const std::string text = without_quoting(part.text);
      // Forwarded in a text, or of a mailer that does not know the type.
      if (level.statuses.empty() && holds_delivery_status(text)) level.statuses.push_back(text);
      plain += text;
      plain += '\n';
    }
  }
  const bool has_plain = !trim_blanks(plain).empty() && plain.contains(' ');
  level.notice = cut_original(has_plain ? plain : html, level.own, level.original);
  if (level.original.message_id.empty())
    level.original.message_id = bare_id(level.fields->find_any({"in-reply-to", "references"}));
  return level;
}

}  // namespace hongyan::inbound
