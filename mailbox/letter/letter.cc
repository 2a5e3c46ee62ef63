#include "mailbox/letter/letter.h"

#include "base/list_value.h"
#include "base/text.h"
#include "base/time_text.h"
#include "embedded/letter_schema.h"
#include "engine/identity/tracking_token.h"
#include "engine/job/canonical.h"
#include "engine/job/field_reader.h"
#include "engine/job/schema.h"
#include "engine/message/tracked.h"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace hongyan::mailbox {
namespace {

const job::Schema& letter_schema() {
  static const job::Schema schema = [] {
    auto loaded = job::Schema::load(embedded::docs_letter_schema_json);
    if (!loaded) throw std::logic_error("docs/letter.schema.json: " + loaded.error()[0].sentence());
    return std::move(*loaded);
  }();
  return schema;
}

class LetterReader : private job::FieldReader {
 public:
  using FieldReader::FieldReader;
  Letter read();
  using FieldReader::take_faults;

 private:
  std::optional<Address> address(const std::string& key) {
    const std::string value = text(key);
    return value.empty() ? std::nullopt : take(key, parse_address(value));
  }

  void headers(Letter& letter);
  void variables(Letter& letter);
};

void LetterReader::headers(Letter& letter) {
  const Json* headers = document().find("headers");
  if (headers == nullptr) return;
  std::set<std::string> seen;
  for (const auto& [name, value] : headers->members()) {
    const std::string where = job::join_path("headers", escape_control(name.substr(0, 64)));
    const std::string folded = ascii_lower(name);
    if (job::is_forbidden_header(name) || folded == "in-reply-to" || folded == "references")
      fault(where, "Hongyan sets this header itself");
    if (folded == "reply-to" && document().find("reply_to") != nullptr)
      fault(where, "stands beside `reply_to`", "one of them is enough");
    if (!seen.insert(folded).second) fault(where, "is there twice");
    letter.headers.emplace_back(name, header_text(*headers, name, "headers"));
  }
}

void LetterReader::variables(Letter& letter) {
  const Json* vars = document().find("vars");
  if (vars == nullptr) return;
  for (const auto& [name, value] : vars->members()) {
    auto& [key, encoded] = letter.variables.emplace_back(name, std::string());
    if (value.is(Json::Kind::kString))
      assign_text_value(encoded, value.text());
    else
      assign_json_value(encoded, to_json(value));
  }
}

Letter LetterReader::read() {
  Letter letter;
  letter.id = text("id");
  letter.tenant = text("tenant");
  if (auto one = address("mailbox")) letter.mailbox = *std::move(one);
  if (auto one = address("to")) letter.to = *std::move(one);
  letter.reply_to = address("reply_to");
  letter.from_name = header_text(document(), "from_name");
  letter.subject = header_text(document(), "subject");
  letter.text = text("text");
  letter.html = text("html");
  letter.in_reply_to = text("in_reply_to");
  if (const Json* list = document().find("references"))
    for (const Json& one : list->items()) letter.references.push_back(one.text());
  if (letter.references.empty() && !letter.in_reply_to.empty())
    letter.references.push_back(letter.in_reply_to);
  if (const std::string at = text("send_at"); !at.empty())
    letter.send_at = take("send_at", parse_rfc3339(at));
  if (const Json* tracking = document().find("tracking")) {
    const Json* opens = tracking->find("opens");
    const Json* clicks = tracking->find("clicks");
    letter.track_opens = opens != nullptr && opens->is_true();
    letter.track_clicks = clicks != nullptr && clicks->is_true();
    if ((letter.track_opens || letter.track_clicks) && letter.html.empty())
      fault("tracking", "needs `html`: plain text shows no image and its links stay as they are");
  }
  headers(letter);
  variables(letter);
  letter.attachments = attachments(letter.id);
  if (auto canonical = job::canonical_json(document()))
    letter.digest = job::sha256_hex(*canonical);
  else
    fault(canonical.error().where, canonical.error().what);
  return letter;
}

// Fields that campaigns and mail programs have for more than one recipient.
Faults bulk_faults(const Json& document) {
  Faults faults;
  for (const char* name : {"recipients", "cc", "bcc", "variants"})
    if (document.find(name) != nullptr) faults.push_back({name, std::string(bulk_refusal()), {}});
  const Json* to = document.find("to");
  if (to != nullptr &&
      (to->is(Json::Kind::kArray) || to->text().contains(',') || to->text().contains(';')))
    faults.push_back({"to", std::string(bulk_refusal()), {}});
  return faults;
}

}  // namespace

std::string_view bulk_refusal() {
  return "a bound mailbox writes to one person at a time: bulk mail from it gets the mailbox "
         "banned "
         "within a day and a company's domain on spam lists; send it as a campaign through the "
         "quality channel (0.007 yuan an accepted message), which does not touch the mailbox";
}

bool is_letter(std::string_view json) {
  if (!json.contains("\"personal\"")) return false;
  const auto document = parse_json(json);
  if (!document) return false;
  const Json* kind = document->find("kind");
  return kind != nullptr && kind->text() == "personal";
}

std::expected<Letter, Faults> parse_letter(std::string_view json) {
  if (json.size() > job::kMaxDocument)
    return std::unexpected(
        Faults{{"document", "has " + std::to_string(json.size()) + " bytes; 4 MiB is the limit",
                "large attachments belong under hongyan:{ID}:blob:NAME"}});
  const auto document = parse_json(json);
  if (!document) return std::unexpected(Faults{document.error()});
  Faults faults = bulk_faults(*document);
  for (Fault& fault : letter_schema().check(*document)) {
    const bool told =
        std::ranges::any_of(faults, [&](const Fault& one) { return one.where == fault.where; });
    if (!told) faults.push_back(std::move(fault));
  }
  if (!document->is(Json::Kind::kObject)) return std::unexpected(std::move(faults));
  LetterReader reader(*document, std::move(faults));
  Letter letter = reader.read();
  if (Faults found = reader.take_faults(); !found.empty()) return std::unexpected(std::move(found));
  return letter;
}

message::Spec message_spec(const Letter& letter) {
  message::Spec spec;
  spec.from_address = letter.mailbox.normalised();
  spec.from_name = letter.from_name;
  if (letter.reply_to) spec.reply_to = letter.reply_to->normalised();
  spec.subject = letter.subject;
  spec.text = letter.text;
  spec.html = letter.html;
  spec.headers = letter.headers;
  if (!letter.in_reply_to.empty()) spec.headers.emplace_back("In-Reply-To", letter.in_reply_to);
  std::string references;
  for (const std::string& one : letter.references)
    references += (references.empty() ? "" : " ") + one;
  if (!references.empty()) spec.headers.emplace_back("References", references);
  for (const job::Attachment& one : letter.attachments)
    spec.attachments.push_back({one.name, one.content_type, one.data, one.content_id});
  spec.message_id_domain = letter.mailbox.domain;
  spec.job_id = letter.id;
  spec.track_opens = letter.track_opens;
  spec.track_clicks = letter.track_clicks;
  return spec;
}

std::vector<std::pair<std::string, std::string>> letter_variables(const Letter& letter,
                                                                  const message::Compiled& message,
                                                                  const TrackingPages& pages) {
  auto variables = letter.variables;
  const std::string mailbox = ascii_lower(letter.mailbox.normalised());
  const auto address_of = [&](std::uint32_t link, const std::string& url) {
    return pages.url + (pages.url.ends_with('/') ? "" : "/") +
           identity::seal_letter_tracking(pages.secret, {mailbox, letter.id, link, url});
  };
  for (std::uint32_t i = 0; i < message.links().size(); ++i)
    variables.emplace_back(message::click_variable(i), address_of(i, message.links()[i]));
  if (message.tracks_opens()) variables.emplace_back(message::kOpenVariable, address_of(0, {}));
  return variables;
}

std::string message_id(const Letter& letter) {
  return job::sha256_hex(letter.mailbox.normalised() + '\0' + letter.id).substr(0, 32);
}

}  // namespace hongyan::mailbox
