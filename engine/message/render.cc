#include "engine/message/header.h"
#include "engine/message/plan.h"

#include <algorithm>

namespace hongyan::message {
namespace {

constexpr std::size_t kHardLine = 998;

std::size_t longest_line(std::string_view text) {
  std::size_t longest = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\r\n"), text.size());
    longest = std::max(longest, end);
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return longest;
}

Result<void> append_header(const DynamicHeader& header, std::span<const std::string_view> values,
                           std::string& joined, std::string& clean, std::string& out) {
  const bool uris = header.kind == DynamicHeader::Kind::kUris;
  joined.clear();
  for (const auto& part : header.parts) {
    if (const auto* literal = std::get_if<std::string>(&part)) {
      joined += *literal;
    } else if (uris) {
      append_uri_escaped(std::get<Use>(part).value(values), joined);
    } else {
      joined += std::get<Use>(part).value(values);
    }
  }
  clean.clear();
  append_clean(joined, clean);
  if (clean.empty()) return {};
  if (!uris) {
    append_unstructured(header.name, clean, out);
    return {};
  }
  const std::size_t begin = out.size();
  append_uris(header.name, clean, out);
  if (longest_line(std::string_view(out).substr(begin)) > kHardLine)
    return fail(Scope::kDelivery, "header-too-long",
                header.name + " has a line of more than 998 bytes");
  return {};
}

}  // namespace

Compiled::Compiled(std::unique_ptr<const Plan> plan) : plan_(std::move(plan)) {}
Compiled::~Compiled() = default;

std::size_t Compiled::max_static_size() const {
  return plan_->max_static_size;
}
const std::vector<std::string>& Compiled::links() const {
  return plan_->links;
}
bool Compiled::tracks_opens() const {
  return plan_->tracks_opens;
}
bool Compiled::needs_smtputf8() const {
  return plan_->needs_smtputf8;
}

Result<void> Compiled::render(const Recipient& recipient, Rendered& out) const {
  out.splice_.clear();
  if (!is_lone_address(recipient.address))
    return fail(Scope::kDelivery, "bad-address", "the address cannot stand in a To header");
  if (recipient.message_id.size() > 200 || !is_dot_atom(recipient.message_id))
    return fail(Scope::kDelivery, "bad-message-id", "the message id is no dot-atom (RFC 5322)");
  if (auto resolved = plan_->slots.resolve(recipient.variables, out.values_, out.texts_); !resolved)
    return resolved;
  if (!plan_->evaluated.empty())
    if (auto done =
            evaluate(plan_->evaluated, recipient, plan_->evaluation, out.evaluated_, out.values_);
        !done)
      return done;
  out.needs_smtputf8_ = plan_->needs_smtputf8 || !is_ascii(recipient.address);

  out.splice_.fixed(plan_->head);
  std::string& own = out.splice_.own();
  own += "To: ";
  own += recipient.address;
  own += "\r\nDate: ";
  if (!append_date(recipient.date, plan_->evaluation.utc_offset, own))
    return fail(Scope::kDelivery, "bad-date", "the year is not between 1900 and 9999");
  own += "\r\nMessage-ID: <";
  own += recipient.message_id;
  own += '@';
  own += plan_->message_id_domain;
  own += ">\r\n";
  for (const DynamicHeader& header : plan_->headers)
    if (auto done = append_header(header, out.values_, out.scratch_, out.header_, own); !done)
      return done;
  for (const BodyPart& part : plan_->parts) {
    out.splice_.fixed(part.lead);
    std::visit(
        [&](const auto& body) { body.render(out.values_, part.escape, out.scratch_, out.splice_); },
        part.body);
  }
  out.splice_.fixed(plan_->tail);
  out.splice_.finish();
  return {};
}

}  // namespace hongyan::message
