#include "mailbox/office/notice_form.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/time_text.h"
#include "engine/job/canonical.h"

#include <fmt/format.h>

#include <charconv>

namespace hongyan::mailbox {
namespace {

// Who has not got it by then sees it in his mailbox.
constexpr std::string_view kTriedFor = "24h";

struct Note {
  std::string type;
  std::string when;
  Json data;

  std::string text(std::string_view name) const {
    const Json* value = data.find(name);
    return value == nullptr ? std::string() : escape_control(value->text());
  }
  bool is_message() const { return type == "mailbox.message"; }
};

std::optional<Note> read_note(std::string_view text) {
  const auto json = parse_json(text);
  if (!json) return std::nullopt;
  const Json* type = json->find("type");
  const Json* at = json->find("at");
  const Json* data = json->find("data");
  if (type == nullptr || at == nullptr || data == nullptr) return std::nullopt;
  std::int64_t ms = 0;
  std::from_chars(at->text().data(), at->text().data() + at->text().size(), ms);
  std::string when = format_rfc3339(from_unix_ms(ms)).substr(0, 16);
  when[10] = ' ';
  return Note{type->text(), std::move(when), *data};
}

std::string message_line(const Note& note) {
  const std::string name = note.text("from_name"), from = note.text("from");
  return (name.empty() ? from : name + " <" + from + ">") + ": " + note.text("subject");
}

// In both languages: whose mailbox it is may read one of the two.
std::string trouble_line(const Note& note, const std::string& address) {
  if (note.type == "mailbox.refused")
    return fmt::format(
        "The provider does not let it in any more ({}): \"{}\". Its letters wait. hongyan mailbox "
        "show {} says what to do.\n    服务商拒绝登录，待发邮件已暂停，请按提示处理。",
        note.text("status"), note.text("said"), address);
  if (note.type == "mailbox.stopped")
    return "It has stopped writing: " + note.text("reason") +
           ".\n    已停止发信：无效地址过多，请核对地址后重新验证邮箱。";
  if (note.type == "mailbox.expiring")
    return fmt::format(
        "Its authorization code ends on {}; make a new one and give it: hongyan "
        "mailbox update-password {}\n    授权码将于 {} 到期，请及时更新。",
        note.text("expires"), address, note.text("expires"));
  if (note.type == "mailbox.in-doubt")
    return "Letter " + note.text("letter") +
           " may or may not have arrived and is not sent again; ask the customer.\n    "
           "该邮件可能已送达也可能未送达，不会重发，请与客户确认。";
  if (note.type == "mailbox.renumbered")
    return "The server numbered its folder anew; mail that came meanwhile may not have been "
           "told.\n    服务器重新编号了收件箱，期间到达的邮件可能未被通知。";
  return note.type;
}

}  // namespace

std::optional<Json> notice_job(const config::MailboxNotices& settings, const std::string& address,
                               const store::NoteStore::Batch& batch) {
  std::string troubles, messages;
  std::int64_t trouble_count = 0, message_count = batch.count, shown = 0;
  for (const std::string& text : batch.notes) {
    const auto note = read_note(text);
    if (!note || (note->is_message() && note->text("from") == settings.from)) {
      --message_count;  // our own mail, in the mailbox of who was told
      continue;
    }
    if (note->is_message()) {
      messages += "  " + note->when + "  " + message_line(*note) + "\n";
      ++shown;
      continue;
    }
    --message_count;
    ++trouble_count;
    troubles += "  " + note->when + "  " + trouble_line(*note, address) + "\n";
  }
  if (trouble_count == 0 && message_count <= 0) return std::nullopt;
  std::string subject = address + ": ", text;
  if (trouble_count > 0) {
    subject += message_count > 0 ? "trouble / 故障, " : "trouble / 故障";
    text += "Trouble with " + address + " / 邮箱故障\n\n" + troubles + "\n";
  }
  if (message_count > 0) {
    subject += message_count == 1
                   ? "1 new message / 1 封新邮件"
                   : fmt::format("{} new messages / {} 封新邮件", message_count, message_count);
    text += "New mail in " + address + " / 新邮件\n\n" + messages;
    if (message_count > shown) text += fmt::format("  ... +{}\n", message_count - shown);
    text += "\n";
  }
  text += "Times are UTC. Hongyan writes this because somebody asked for it: hongyan mailbox set " +
          address + " --notify off\n";
  const auto string = [](std::string value) { return Json::string(std::move(value)); };
  Json to = Json::array();
  to.push(Json::object(
      {{"to", string(batch.to)},
       {"vars", Json::object({{"subject", string(subject)}, {"text", string(text)}})}}));
  return Json::object(
      {{"v", Json::number("1")},
       {"id", string("notice-" + job::sha256_hex(address).substr(0, 16) + "-" +
                     std::to_string(batch.number))},
       {"tenant", string(settings.tenant)},
       {"channel", string(settings.channel)},
       {"from", Json::object({{"address", string(settings.from)}})},
       {"subject", string("{{ subject }}")},
       {"text", string("{{ text }}")},
       {"headers", Json::object({{"Auto-Submitted", string("auto-generated")}})},  // RFC 3834
       {"priority", Json::number("9")},
       {"recipients", Json::object({{"list", std::move(to)}})},
       {"expires_after", string(std::string(kTriedFor))}});
}

}  // namespace hongyan::mailbox
