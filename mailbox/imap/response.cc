#include "mailbox/imap/response.h"

#include "base/text.h"
#include "mailbox/imap/folder_name.h"

#include <algorithm>
#include <array>

namespace hongyan::imap {
namespace {

using Fault = std::string_view;
using Parsed = std::expected<Response, Fault>;

constexpr std::array<std::string_view, 5> kStatuses = {"OK", "NO", "BAD", "BYE", "PREAUTH"};

std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(text.size(), word.size() + 1));
  return word;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::optional<Status> status_of(std::string_view word) {
  for (std::size_t i = 0; i < kStatuses.size(); ++i)
    if (ascii_iequals(word, kStatuses.at(i))) return static_cast<Status>(i);
  return std::nullopt;
}

bool is_tag(std::string_view word) {
  return !word.empty() && word.size() <= 32 && std::ranges::all_of(word, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

// Takes "[NAME arguments]" off the front. A bracket in a quoted argument does not end it. Without
// an end it is text: some servers begin their words with a bracket of their own.
ResponseCode take_code(std::string_view& text) {
  if (!text.starts_with('[')) return {};
  bool quoted = false;
  std::size_t end = 1;
  for (; end < text.size(); ++end) {
    const char c = text[end];
    if (quoted && c == '\\') {
      ++end;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ']' && !quoted) {
      break;
    }
  }
  if (end >= text.size()) return {};
  std::string_view inside = text.substr(1, end - 1);
  text = trim_blanks(text.substr(end + 1));
  ResponseCode code;
  code.name = upper(take_word(inside));
  code.arguments = trim_blanks(inside);
  return code;
}

StatusResponse status_response(std::string_view tag, Status status, std::string_view text) {
  StatusResponse made{std::string(tag), status, {}, {}};
  text = trim_blanks(text);
  made.code = take_code(text);
  made.text = text;
  return made;
}

std::vector<std::string> texts_of(const std::vector<Value>& values) {
  std::vector<std::string> texts;
  for (const Value& value : values)
    if (value.is_text()) texts.push_back(value.text);
  return texts;
}

// "BODY[TEXT]<0>" → "BODY[TEXT]"; servers may quote the names of fields and change their case.
std::string section_name(std::string_view word) {
  const std::size_t close = word.rfind(']');
  std::string name = upper(word.substr(0, close == std::string_view::npos ? close : close + 1));
  std::erase(name, '"');
  return name;
}

Parsed fetch_data(std::uint32_t sequence, const Value& items) {
  if (!items.is_list() || items.items.size() % 2 != 0) return std::unexpected("FETCH has no pairs");
  FetchData made;
  made.sequence = sequence;
  for (std::size_t i = 0; i < items.items.size(); i += 2) {
    const Value& name = items.items[i];
    const Value& value = items.items[i + 1];
    if (name.kind != Value::Kind::kAtom) return std::unexpected("FETCH has an item without a name");
    if (ascii_iequals(name.text, "UID")) {
      made.uid = parse_number(value.text).value_or(0);
      if (made.uid == 0) return std::unexpected("a UID is no number");
    } else if (ascii_iequals(name.text, "RFC822.SIZE")) {
      made.size = parse_number(value.text).value_or(0);
    } else if (ascii_iequals(name.text, "INTERNALDATE")) {
      made.internal_date = value.text;
    } else if (ascii_iequals(name.text, "FLAGS")) {
      made.flags = texts_of(value.items);
    } else if (ascii_iequals(name.text.substr(0, 5), "BODY[") && !value.is_list()) {
      made.sections.emplace_back(section_name(name.text), value.text);
    }
  }
  return made;
}

Parsed list_entry(const std::vector<Value>& values) {
  if (values.size() < 3 || !values[0].is_list() || values[1].is_list() || !values[2].is_text())
    return std::unexpected("LIST is not attributes, delimiter and name");
  ListEntry made;
  made.attributes = texts_of(values[0].items);
  made.delimiter = values[1].text;
  made.wire_name = values[2].text;
  made.name = decode_folder_name(made.wire_name).value_or(made.wire_name);
  return made;
}

Parsed numbered(std::uint32_t number, std::string_view rest, const Limits& limits) {
  const std::string_view word = take_word(rest);
  if (ascii_iequals(word, "EXISTS")) return Exists{number};
  if (ascii_iequals(word, "EXPUNGE")) return Expunge{number};
  if (!ascii_iequals(word, "FETCH")) return OtherData{};
  ValueParser parser(rest, limits);
  const auto items = parser.next();
  if (!items) return std::unexpected(parser.fault());
  if (!parser.at_end()) return std::unexpected("FETCH goes on after its list");
  return fetch_data(number, *items);
}

Parsed untagged(std::string_view rest, const Limits& limits) {
  const std::string_view word = take_word(rest);
  if (const auto status = status_of(word)) return status_response({}, *status, rest);
  if (const auto number = parse_number(word)) return numbered(*number, rest, limits);
  const bool is_list = ascii_iequals(word, "LIST") || ascii_iequals(word, "LSUB");
  const bool is_id = ascii_iequals(word, "ID");
  if (!is_list && !is_id && !ascii_iequals(word, "CAPABILITY")) return OtherData{};
  ValueParser parser(rest, limits);
  const auto values = parser.all();
  // What a server says of itself decides nothing.
  if (!values && is_id) return OtherData{};
  if (!values) return std::unexpected(parser.fault());
  if (is_list) return list_entry(*values);
  if (!is_id) return CapabilityData{texts_of(*values)};
  IdData id;
  if (!values->empty())
    for (const Value& value : values->front().items) id.words.push_back(value.text);
  return id;
}

}  // namespace

std::string_view status_name(Status status) {
  return kStatuses.at(static_cast<std::size_t>(status));
}

std::optional<std::uint32_t> ResponseCode::number(std::size_t n) const {
  std::string_view rest = arguments;
  for (; n > 0; --n) take_word(rest);
  return parse_number(take_word(rest));
}

std::string_view FetchData::section(std::string_view name) const {
  const auto found = std::ranges::find(sections, name, &std::pair<std::string, std::string>::first);
  return found == sections.end() ? std::string_view() : std::string_view(found->second);
}

bool FetchData::has_flag(std::string_view flag) const {
  return std::ranges::any_of(flags, [&](auto& one) { return ascii_iequals(one, flag); });
}

bool ListEntry::has(std::string_view attribute) const {
  return std::ranges::any_of(attributes, [&](auto& one) { return ascii_iequals(one, attribute); });
}

std::expected<Response, std::string_view> parse_response(std::string_view text,
                                                         const Limits& limits) {
  if (text.starts_with('+')) return Continuation{std::string(trim_blanks(text.substr(1)))};
  const std::string_view tag = take_word(text);
  if (tag == "*") return untagged(text, limits);
  const auto status = status_of(take_word(text));
  if (!is_tag(tag) || !status) return std::unexpected("a response has neither tag nor star");
  return status_response(tag, *status, text);
}

}  // namespace hongyan::imap
