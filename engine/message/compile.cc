#include "base/text.h"
#include "engine/message/encode.h"
#include "engine/message/header.h"
#include "engine/message/plain_text.h"
#include "engine/message/plan.h"
#include "engine/message/tracked.h"

#include <algorithm>
#include <cstdint>

namespace hongyan::message {
namespace {

constexpr std::size_t kHardLine = 998;
constexpr std::size_t kMaxHeaderName = 64;
constexpr std::size_t kMaxHeaderTemplate = 8192;
constexpr std::string_view kReserved[] = {"from",        "to",      "cc",   "bcc",
                                          "sender",      "subject", "date", "message-id",
                                          "return-path", "received"};
constexpr std::string_view kReservedPrefixes[] = {"mime-", "content-", "dkim-", "list-unsubscribe"};

bool is_reserved(std::string_view lower) {
  return std::ranges::find(kReserved, lower) != std::end(kReserved) ||
         std::ranges::any_of(kReservedPrefixes,
                             [&](std::string_view prefix) { return lower.starts_with(prefix); });
}

bool is_field_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxHeaderName &&
         std::ranges::all_of(name, [](char c) { return c > 32 && c < 127 && c != ':'; });
}

// As a local part or an address, for it goes into Content-ID (RFC 2392) as it is.
bool is_content_id(std::string_view id) {
  const std::string_view local = id.substr(0, id.find('@'));
  return id.size() <= 128 && is_dot_atom(local) && !local.contains('{') &&
         (local.size() == id.size() || is_dot_atom(id.substr(local.size() + 1)));
}

std::string hex_digest(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[hash >> shift & 15];
  return out;
}

// "=_" can stand neither in quoted-printable nor in base64, so no content makes a boundary.
std::string boundary(const Spec& spec, std::string_view which) {
  return "=_" + hex_digest(spec.job_id) + "_" + std::string(which);
}

std::string multipart(std::string_view kind, std::string_view boundary_text) {
  return "Content-Type: multipart/" + std::string(kind) + ";\r\n boundary=\"" +
         std::string(boundary_text) + "\"\r\n\r\n";
}

class Compiler {
 public:
  explicit Compiler(const Spec& spec) : spec_(spec) {}

  std::expected<std::shared_ptr<const Compiled>, Faults> run() {
    senders();
    if (trim_blanks(spec_.subject).empty()) fault("subject", "is empty");
    header("Subject", spec_.subject, "subject", DynamicHeader::Kind::kText);
    headers();
    unsubscribe();
    if (!is_dot_atom(spec_.message_id_domain) || spec_.message_id_domain.size() > 253)
      fault("message_id_domain", "is no domain name");
    if (std::chrono::abs(spec_.utc_offset) > std::chrono::hours(14))
      fault("utc_offset", "is more than 14 hours");
    if (spec_.text.empty() && spec_.html.empty()) fault("text", "or html is needed");
    for (std::size_t i = 0; i < spec_.attachments.size(); ++i)
      check_attachment(spec_.attachments[i], "attachments[" + std::to_string(i) + "]");
    check_references();
    content();
    if (!faults_.empty()) return std::unexpected(std::move(faults_));

    plan_->message_id_domain = spec_.message_id_domain;
    plan_->evaluation = {spec_.utc_offset, spec_.unknown_is_empty};
    if (spec_.unknown_is_empty) plan_->slots.accept_unknown();
    plan_->max_static_size = static_size();
    return std::make_shared<const Compiled>(std::move(plan_));
  }

 private:
  void fault(std::string where, std::string what, std::string hint = {}) {
    faults_.push_back({std::move(where), std::move(what), std::move(hint)});
  }

  void senders() {
    if (!is_lone_address(spec_.from_address))
      fault("from.address", "is no mail address", "news@example.com");
    if (holds_control(spec_.from_name) || !is_valid_utf8(spec_.from_name))
      fault("from.name", "holds a control character or is not UTF-8");
    if (!spec_.reply_to.empty() && !is_lone_address(spec_.reply_to))
      fault("reply_to", "is no mail address", "answers@example.com");
    if (!faults_.empty()) return;
    std::string display;
    append_clean(spec_.from_name, display);
    append_mailbox("From", display, spec_.from_address, plan_->head);
    if (!spec_.reply_to.empty()) append_mailbox("Reply-To", {}, spec_.reply_to, plan_->head);
    plan_->needs_smtputf8 = !is_ascii(spec_.from_address) || !is_ascii(spec_.reply_to);
  }

  void headers() {
    std::vector<std::string> seen;
    for (const auto& [name, value] : spec_.headers) {
      const std::string where = "headers." + name;
      const std::string lower = ascii_lower(name);
      if (!is_field_name(name)) {
        fault("headers." + escape_control(name), "is no header name");
        continue;
      }
      if (is_reserved(lower)) fault(where, "is set by the engine and cannot be given");
      if (lower == "reply-to" && !spec_.reply_to.empty()) fault(where, "is given by reply_to too");
      if (std::ranges::find(seen, lower) != seen.end()) fault(where, "is given twice");
      seen.push_back(lower);
      header(name, value, where, DynamicHeader::Kind::kText);
    }
  }

  void unsubscribe() {
    if (spec_.list_unsubscribe.empty()) {
      if (spec_.one_click) fault("one_click", "needs list_unsubscribe");
      return;
    }
    const std::string_view value = trim_blanks(spec_.list_unsubscribe);
    if (!value.starts_with('<') || !value.ends_with('>') || !is_ascii(value))
      fault("list_unsubscribe", "needs URIs in angle brackets",
            "<https://example.com/u?t={{ token }}>");
    header("List-Unsubscribe", value, "list_unsubscribe", DynamicHeader::Kind::kUris);
    if (spec_.one_click) plan_->head += "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
  }

  // Each that is no literal has its slot; what is evaluated is noted in the plan.
  std::vector<Segment> segments(std::string_view text, std::string_view where, bool html) {
    ParsedTemplate parsed = parse_template(text, where, faults_);
    Evaluated evaluated{parsed.evaluated, std::string(where), html, {}};
    for (Segment& segment : parsed.segments) {
      plan_->slots.place(segment);
      if (segment.kind == Segment::Kind::kEvaluated)
        evaluated.pieces.push_back({segment.slot, segment.first, segment.last});
    }
    if (!evaluated.pieces.empty()) plan_->evaluated.push_back(std::move(evaluated));
    return std::move(parsed.segments);
  }

  // Without variables it goes into the head at once.
  void header(std::string_view name, std::string_view value, const std::string& where,
              DynamicHeader::Kind kind) {
    if (value.size() > kMaxHeaderTemplate)
      return fault(where, "is longer than " + std::to_string(kMaxHeaderTemplate) + " bytes");
    if (holds_control(value)) return fault(where, "holds a line break or a control character");
    const std::size_t before = faults_.size();
    DynamicHeader made{std::string(name), kind, {}};
    bool dynamic = false;
    std::string fixed;
    for (Segment& segment : segments(value, where, false)) {
      if (segment.kind == Segment::Kind::kLiteral) {
        fixed += segment.text;
        made.parts.emplace_back(std::move(segment.text));
      } else {
        dynamic = true;
        made.parts.emplace_back(Slots::use(segment));
      }
    }
    if (faults_.size() > before) return;
    if (dynamic) {
      plan_->headers.push_back(std::move(made));
      return;
    }
    std::string clean;
    append_clean(fixed, clean);
    if (clean.empty()) return;
    if (kind == DynamicHeader::Kind::kText) return append_unstructured(name, clean, plan_->head);
    for (const std::string_view word : split(clean, ' '))
      if (name.size() + 2 + word.size() > kHardLine)
        return fault(where, "has a URI too long for a line");
    append_uris(name, clean, plan_->head);
  }

  void check_attachment(const Attachment& attachment, const std::string& where) {
    const std::string_view name = attachment.filename;
    if (name.empty() || name.size() > 255 || holds_control(name) || !is_valid_utf8(name) ||
        name.find_first_of("/\\") != std::string_view::npos)
      fault(where + ".filename", "is no file name of 1 to 255 bytes");
    const std::string_view type = attachment.content_type;
    if (type.empty()) return;
    const std::string lower = ascii_lower(type);
    const std::size_t slash = lower.find('/');
    if (type.size() > 70 || !is_ascii(type) || holds_control(type) || slash == 0 ||
        slash == std::string::npos || slash + 1 == lower.size() || lower.ends_with(';'))
      fault(where + ".content_type", "is no media type", "application/pdf");
    if (lower.starts_with("multipart/") || lower.starts_with("message/"))
      fault(where + ".content_type", "cannot be attached as base64", "application/octet-stream");
  }

  void check_content_id(std::size_t number, const std::string& where) {
    const std::string& id = spec_.attachments[number].content_id;
    if (id.empty()) return;
    if (!is_content_id(id)) fault(where + ".cid", "is no content id", "logo or logo@example.com");
    for (std::size_t i = 0; i < number; ++i)
      if (spec_.attachments[i].content_id == id)
        fault(where + ".cid", "is the id of another attachment");
    if (!spec_.html.contains("cid:" + id))
      fault(where + ".cid", "is not used: html has no `cid:" + id + "`");
  }

  // Images that html asks for by name must be there.
  void check_references() {
    for (std::size_t i = 0; i < spec_.attachments.size(); ++i)
      check_content_id(i, "attachments[" + std::to_string(i) + "]");
    const std::string_view html = spec_.html;
    for (std::size_t at = 0; (at = html.find("cid:", at)) != std::string_view::npos; at += 4) {
      if (at == 0 || !std::string_view("\"'(").contains(html[at - 1])) continue;
      const std::string_view id = html.substr(at + 4, html.find_first_of("\"')", at) - at - 4);
      if (is_content_id(id) && std::ranges::find(spec_.attachments, id, &Attachment::content_id) ==
                                   spec_.attachments.end())
        fault("html", "shows `cid:" + std::string(id) + "`, which no attachment is");
    }
  }

  // The text part that a message with html alone gets; empty: none can be made.
  std::string text_of_html() const {
    std::string text = plain_text_template(spec_.html);
    Faults ignored;
    parse_template(text, "text", ignored);
    return ignored.empty() ? text : std::string();
  }

  // As it is sent: with what it is tracked by. Faults are those of what was written.
  std::string html() {
    if (!spec_.track_clicks && !spec_.track_opens) return spec_.html;
    Faults found;
    parse_template(spec_.html, "html", found);
    if (!found.empty()) return spec_.html;
    Tracked tracked = track(spec_.html, spec_.track_clicks, spec_.track_opens);
    plan_->links = std::move(tracked.links);
    plan_->tracks_opens = spec_.track_opens;
    return std::move(tracked.html);
  }

  // mixed( alternative( text, related( html, images ) ), attachments ), as far as they are there.
  void content() {
    const std::string text = spec_.text.empty() ? text_of_html() : spec_.text;
    const bool both = !text.empty() && !spec_.html.empty();
    const auto shown = [](const Attachment& one) { return !one.content_id.empty(); };
    const bool related = std::ranges::any_of(spec_.attachments, shown);
    const bool mixed = !std::ranges::all_of(spec_.attachments, shown);
    const bool report = !spec_.report_type.empty();
    if (report && !mixed) fault("report_type", "needs the report as an attachment");
    const std::string outer = boundary(spec_, "m");
    const std::string inner = boundary(spec_, "a");
    const std::string images = boundary(spec_, "r");
    std::string lead = "MIME-Version: 1.0\r\n";
    if (mixed)
      lead +=
          multipart(report ? "report; report-type=\"" + spec_.report_type + '"' : "mixed", outer) +
          "--" + outer + "\r\n";
    if (both) lead += multipart("alternative", inner) + "--" + inner + "\r\n";
    if (!text.empty()) {
      part(std::move(lead), "text/plain", text, spec_.text.empty() ? "text made of html" : "text",
           Escape::kNone);
      lead = "\r\n--" + inner + "\r\n";
    }
    if (related) lead += multipart("related; type=\"text/html\"", images) + "--" + images + "\r\n";
    if (!spec_.html.empty()) part(std::move(lead), "text/html", html(), "html", Escape::kHtml);
    for (const Attachment& one : spec_.attachments)
      if (shown(one)) attach(one, images);
    if (related) plan_->tail += "\r\n--" + images + "--\r\n";
    if (both) plan_->tail += "\r\n--" + inner + "--\r\n";
    for (const Attachment& one : spec_.attachments)
      if (!shown(one)) attach(one, outer);
    if (mixed) plan_->tail += "\r\n--" + outer + "--\r\n";
  }

  void part(std::string lead, std::string_view type, std::string_view text, std::string_view where,
            Escape escape) {
    const std::size_t before = faults_.size();
    std::vector<Segment> parsed = segments(text, where, escape == Escape::kHtml);
    if (faults_.size() > before) return;
    BodyPart made{std::move(lead), make_body(std::move(parsed)), escape};
    made.lead += "Content-Type: " + std::string(type) + "; charset=utf-8\r\n";
    made.lead += "Content-Transfer-Encoding: " + std::string(encoding_name(made.body)) + "\r\n\r\n";
    plan_->parts.push_back(std::move(made));
  }

  void attach(const Attachment& attachment, std::string_view outer) {
    std::string& tail = plan_->tail;
    tail += "\r\n--";
    tail += outer;
    tail += "\r\nContent-Type: ";
    tail += attachment.content_type.empty() ? "application/octet-stream" : attachment.content_type;
    tail += "\r\nContent-Transfer-Encoding: base64\r\n";
    if (!attachment.content_id.empty()) tail += "Content-ID: <" + attachment.content_id + ">\r\n";
    tail += "Content-Disposition: ";
    tail += attachment.content_id.empty() ? "attachment" : "inline";
    append_filename(attachment.filename, tail);
    tail += "\r\n\r\n";
    Base64State state;
    append_base64(attachment.bytes, state, tail);
    finish_base64(state, tail);
  }

  std::size_t static_size() const {
    constexpr std::size_t kOwnHeaders = 640;  // To, Date, Message-ID at their longest
    std::size_t size =
        plan_->head.size() + plan_->tail.size() + kOwnHeaders + plan_->message_id_domain.size();
    for (const BodyPart& part : plan_->parts)
      size += part.lead.size() +
              std::visit([](const auto& body) { return body.static_size(); }, part.body);
    for (const DynamicHeader& header : plan_->headers) {
      size += header.name.size() + 4;
      for (const auto& piece : header.parts)
        if (const auto* literal = std::get_if<std::string>(&piece))
          size += literal->size() * 4 + 32;
    }
    return size;
  }

  const Spec& spec_;
  std::unique_ptr<Compiled::Plan> plan_ = std::make_unique<Compiled::Plan>();
  Faults faults_;
};

}  // namespace

std::expected<std::shared_ptr<const Compiled>, Faults> compile(const Spec& spec) {
  return Compiler(spec).run();
}

}  // namespace hongyan::message
