#include "engine/message/body.h"

#include "engine/message/encode.h"
#include "engine/message/liquid/html.h"

namespace hongyan::message {
namespace {

// Below this a piece of its own costs more than encoding the bytes again.
constexpr std::size_t kShortLiteral = 48;

std::string_view escaped(const Use& use, std::string_view value, Escape escape,
                         std::string& scratch) {
  if (escape == Escape::kNone || use.raw || value.find_first_of("&<>\"'") == std::string_view::npos)
    return value;
  scratch.clear();
  liquid::append_escaped(value, scratch, std::string::npos);
  return scratch;
}

template <class Coded>
Coded fill(const std::vector<Segment>& segments) {
  Coded body;
  for (const Segment& segment : segments) {
    if (segment.kind == Segment::Kind::kLiteral) {
      body.add_literal(segment.text);
    } else {
      body.add_use(Slots::use(segment));
    }
  }
  return body;
}

// How large it will be, as far as the template tells; what is evaluated stands for itself.
template <class Coded>
std::size_t expected_size(const Coded& body, const std::vector<Segment>& segments) {
  Coded written;
  for (const Segment& segment : segments)
    if (segment.kind == Segment::Kind::kEvaluated) written.add_literal(segment.text);
  return body.static_size() + written.static_size();
}

bool ends_line(const Segment& segment) {
  return segment.kind == Segment::Kind::kLiteral &&
         (segment.text.ends_with('\n') || segment.text.ends_with('\r'));
}

}  // namespace

void QpBody::add_literal(std::string_view text) {
  Literal literal;
  QpState state;
  append_qp(text, state, literal.encoded);
  const std::string& code = literal.encoded;
  const std::size_t end = code.find("\r\n");
  literal.has_break = end != std::string::npos;
  literal.begins_with_break = end == 0;
  std::size_t first = literal.has_break ? end : code.size();
  if (literal.has_break && first > 0 && code[first - 1] == '=') --first;
  literal.first_line = static_cast<unsigned>(first);
  literal.last_line = state.column;
  literal.ends_with_blank = state.after_blank;
  parts_.emplace_back(std::move(literal));
}

std::size_t QpBody::static_size() const {
  std::size_t size = 0;
  for (const auto& part : parts_)
    if (const auto* literal = std::get_if<Literal>(&part)) size += literal->encoded.size() + 3;
  return size;
}

void QpBody::render(std::span<const std::string_view> values, Escape escape, std::string& scratch,
                    Splice& out) const {
  QpState state;
  for (const auto& part : parts_) {
    if (const auto* use = std::get_if<Use>(&part)) {
      append_qp(escaped(*use, use->value(values), escape, scratch), state, out.own());
      continue;
    }
    const auto& literal = std::get<Literal>(part);
    const bool bare_blank = state.after_blank && literal.begins_with_break;
    if (bare_blank || state.column + literal.first_line > kQpLine)
      append_qp_soft_break(state, out.own());
    out.fixed(literal.encoded);
    state.column = literal.last_line + (literal.has_break ? 0 : state.column);
    state.after_blank = literal.ends_with_blank;
  }
}

void Base64Body::add_literal(std::string_view text) {
  Literal literal;
  std::string bytes = with_crlf(text);
  if (bytes.size() < kShortLiteral) {
    literal.bytes = std::move(bytes);
    parts_.emplace_back(std::move(literal));
    return;
  }
  literal.head = bytes.substr(0, 2);
  // What comes first in a body meets an empty group; no need for the other two.
  const std::size_t phases = parts_.empty() ? 1 : 3;
  for (std::size_t used = 0; used < phases; ++used) {
    Phase& phase = literal.phases[used];
    Base64State state;
    append_base64(std::string_view(bytes).substr(used), state, phase.encoded);
    phase.tail = bytes.substr(bytes.size() - state.count);
    phase.last_line = state.column;
  }
  parts_.emplace_back(std::move(literal));
}

std::size_t Base64Body::static_size() const {
  std::size_t size = 0;
  for (const auto& part : parts_)
    if (const auto* literal = std::get_if<Literal>(&part))
      size += literal->phases[0].encoded.size() + 2 * literal->bytes.size() + 16;
  return size;
}

void Base64Body::render(std::span<const std::string_view> values, Escape escape,
                        std::string& scratch, Splice& out) const {
  Base64State state;
  std::string lines;
  for (const auto& part : parts_) {
    if (const auto* use = std::get_if<Use>(&part)) {
      std::string_view value = escaped(*use, use->value(values), escape, scratch);
      if (value.find_first_of("\r\n") != std::string_view::npos) {
        lines = with_crlf(value);
        value = lines;
      }
      append_base64(value, state, out.own());
      continue;
    }
    const auto& literal = std::get<Literal>(part);
    if (literal.head.empty()) {
      append_base64(literal.bytes, state, out.own());
      continue;
    }
    const unsigned used = (3 - state.count) % 3;
    append_base64(std::string_view(literal.head).substr(0, used), state, out.own());
    if (state.column > 0) out.own() += "\r\n";
    const Phase& phase = literal.phases[used];
    out.fixed(phase.encoded);
    state.column = phase.last_line;
    append_base64(phase.tail, state, out.own());
  }
  finish_base64(state, out.own());
}

Body make_body(std::vector<Segment> segments) {
  if (segments.empty() || !ends_line(segments.back())) {
    if (!segments.empty() && segments.back().kind == Segment::Kind::kLiteral) {
      segments.back().text += '\n';
    } else {
      segments.push_back({Segment::Kind::kLiteral, "\n"});
    }
  }
  QpBody qp = fill<QpBody>(segments);
  Base64Body base64 = fill<Base64Body>(segments);
  if (expected_size(qp, segments) <= expected_size(base64, segments)) return qp;
  return base64;
}

std::string_view encoding_name(const Body& body) {
  return std::holds_alternative<QpBody>(body) ? "quoted-printable" : "base64";
}

}  // namespace hongyan::message
