#include "mailbox/imap/value.h"

#include "base/text.h"
#include "mailbox/imap/response_reader.h"

#include <charconv>

namespace hongyan::imap {
namespace {

// RFC 9051 9 forbids more, but servers write flags, names in UTF-8 and wildcards bare.
bool ends_atom(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= ' ' || byte == 0x7F || c == '(' || c == ')' || c == '{' || c == '"';
}

}  // namespace

std::optional<std::uint32_t> parse_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, ec] = std::from_chars(text.begin(), text.end(), number);
  if (text.empty() || ec != std::errc() || end != text.end()) return std::nullopt;
  return number;
}

std::nullopt_t ValueParser::broken(std::string_view fault) {
  fault_ = fault;
  return std::nullopt;
}

bool ValueParser::at_end() {
  while (rest_.starts_with(' ')) rest_.remove_prefix(1);
  return rest_.empty();
}

std::optional<Value> ValueParser::next() {
  return value(0);
}

std::optional<std::vector<Value>> ValueParser::all() {
  std::vector<Value> values;
  while (!at_end()) {
    auto one = next();
    if (!one) return std::nullopt;
    values.push_back(std::move(*one));
  }
  return values;
}

std::optional<Value> ValueParser::value(int depth) {
  if (at_end()) return broken("a value is missing");
  if (left_ == 0) return broken("a response has too many values");
  --left_;
  switch (rest_.front()) {
    case '(':
      return depth < limits_.depth ? list(depth) : broken("lists are nested too deep");
    case '"':
      return quoted();
    case '{':
      return literal();
    case '~':
      if (!rest_.starts_with("~{")) return atom();
      rest_.remove_prefix(1);
      return literal();
    default:
      return atom();
  }
}

std::optional<Value> ValueParser::list(int depth) {
  Value made{Value::Kind::kList, {}, {}};
  rest_.remove_prefix(1);
  while (!at_end()) {
    if (rest_.front() == ')') {
      rest_.remove_prefix(1);
      return made;
    }
    auto item = value(depth + 1);
    if (!item) return std::nullopt;
    made.items.push_back(std::move(*item));
  }
  return broken("a list does not end");
}

std::optional<Value> ValueParser::quoted() {
  Value made{Value::Kind::kString, {}, {}};
  for (std::size_t i = 1; i < rest_.size(); ++i) {
    char c = rest_[i];
    if (c == '"') {
      rest_.remove_prefix(i + 1);
      return made;
    }
    if (c == '\\' && i + 1 < rest_.size()) c = rest_[++i];
    if (c == '\r' || c == '\n') break;
    made.text += c;
  }
  return broken("a quoted string does not end");
}

std::optional<Value> ValueParser::literal() {
  const std::size_t close = rest_.find('}');
  if (close == std::string_view::npos) return broken("a literal has no size");
  const LiteralMark mark = literal_at_end(rest_.substr(0, close + 1));
  std::string_view after = rest_.substr(close + 1);
  if (after.starts_with('\r')) after.remove_prefix(1);
  if (mark.kind != LiteralMark::Kind::kLiteral || !after.starts_with('\n'))
    return broken("a literal has no size");
  after.remove_prefix(1);
  if (mark.size > after.size()) return broken("a literal does not end");
  rest_ = after.substr(mark.size);
  return Value{Value::Kind::kString, std::string(after.substr(0, mark.size)), {}};
}

std::optional<Value> ValueParser::atom() {
  std::size_t end = 0;
  std::size_t open = std::string_view::npos;
  while (end < rest_.size() && !ends_atom(rest_[end])) {
    // A section goes on to its bracket: "BODY[HEADER.FIELDS (FROM)]<0>".
    if (rest_[end] == '[' && open == std::string_view::npos) {
      open = end;
      const std::size_t close = rest_.find(']', end);
      const bool is_section = ascii_iequals(rest_.substr(0, 5), "BODY[") ||
                              ascii_iequals(rest_.substr(0, 7), "BINARY[");
      if (is_section && close == std::string_view::npos) return broken("a section does not end");
      if (is_section) end = close;
    }
    ++end;
  }
  if (end == 0) return broken("a value begins with what none does");
  Value made{Value::Kind::kAtom, std::string(rest_.substr(0, end)), {}};
  rest_.remove_prefix(end);
  if (ascii_iequals(made.text, "NIL")) return Value{};
  return made;
}

}  // namespace hongyan::imap
