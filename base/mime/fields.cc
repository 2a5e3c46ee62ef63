#include "base/mime/fields.h"

#include "base/text.h"

#include <algorithm>

namespace hongyan::mime {
namespace {
// RFC 5322 2.2: printable ASCII but the colon.
bool is_name_char(char c) {
  return c > ' ' && c < 0x7F && c != ':';
}
}  // namespace

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  while (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string field_name(std::string_view line) {
  std::size_t end = 0;
  while (end < line.size() && is_name_char(line[end])) ++end;
  const std::size_t name = end;
  while (end < line.size() && (line[end] == ' ' || line[end] == '\t')) ++end;
  if (name == 0 || name > 76 || end >= line.size() || line[end] != ':') return {};
  return ascii_lower(line.substr(0, name));
}

void Fields::add(std::string_view name, std::string_view value) {
  if (fields_.size() >= kMost) return;
  std::string flat;
  bool blank = false;
  for (const char c : trim_blanks(value)) {
    const bool is_blank = c == '\r' || c == '\n' || c == ' ' || c == '\t';
    if (is_blank && blank) continue;
    blank = is_blank;
    flat += is_blank ? ' ' : c;
  }
  fields_.push_back({ascii_lower(name), std::move(flat)});
}

std::string_view Fields::find(std::string_view name) const {
  const auto at = std::ranges::find(fields_, name, &Field::name);
  return at == fields_.end() ? std::string_view() : std::string_view(at->value);
}

std::string_view Fields::find_any(std::initializer_list<std::string_view> names) const {
  for (const std::string_view name : names)
    for (const Field& field : fields_)
      if (field.name == name && !field.value.empty()) return field.value;
  return {};
}

bool Fields::has(std::string_view name) const {
  return std::ranges::find(fields_, name, &Field::name) != fields_.end();
}

std::vector<std::string_view> Fields::all(std::string_view name) const {
  std::vector<std::string_view> found;
  for (const Field& field : fields_)
    if (field.name == name) found.emplace_back(field.value);
  return found;
}

Fields take_fields(std::string_view& text) {
  Fields fields;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (trim_blanks(line).empty()) break;
    const bool continues = line.front() == ' ' || line.front() == '\t';
    const std::string name = continues ? std::string() : field_name(line);
    if (!name.empty()) {
      fields.add(name, line.substr(line.find(':') + 1));
    } else if (!fields.fields_.empty()) {
      std::string& value = fields.fields_.back().value;
      if (!value.empty()) value += ' ';
      value += trim_blanks(line);
    }
  }
  return fields;
}

}  // namespace hongyan::mime
