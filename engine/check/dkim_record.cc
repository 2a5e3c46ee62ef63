#include "engine/check/dkim_record.h"

#include "base/text.h"

#include <algorithm>
#include <set>

namespace hongyan::check {
namespace {

bool is_base64(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/' || c == '=';
}

// One of "a : b : c".
bool lists(std::string_view value, std::string_view word) {
  return std::ranges::any_of(split(value, ':'),
                             [&](std::string_view one) { return trim_blanks(one) == word; });
}

}  // namespace

std::expected<DkimRecord, std::string> parse_dkim(std::string_view text) {
  DkimRecord record;
  std::set<std::string> seen;
  for (const std::string_view part : split(text, ';')) {
    const std::string_view tag = trim_blanks(part);
    if (tag.empty()) continue;
    const std::size_t equals = tag.find('=');
    if (equals == std::string_view::npos)
      return std::unexpected("`" + escape_control(tag.substr(0, 40)) + "` is no tag=value");
    // Names of tags tell capitals from small letters (3.2).
    const std::string name(trim_blanks(tag.substr(0, equals)));
    const std::string_view value = trim_blanks(tag.substr(equals + 1));
    if (!seen.insert(name).second)
      return std::unexpected("has " + escape_control(name) + "= twice");
    if (name == "v") {
      if (seen.size() > 1 || value != "DKIM1")
        return std::unexpected("v=DKIM1 must come first, if it is there");
    } else if (name == "k") {
      record.type = value;
    } else if (name == "p") {
      std::ranges::copy_if(value, std::back_inserter(record.key),
                           [](char c) { return c != ' ' && c != '\t'; });
      if (!std::ranges::all_of(record.key, is_base64)) return std::unexpected("p= is no base64");
    } else if (name == "t") {
      record.testing = lists(value, "y");
    } else if (name == "s") {
      record.for_mail = lists(value, "*") || lists(value, "email");
    } else if (name == "h") {
      record.for_sha256 = lists(value, "sha256");
    }
  }
  if (!seen.contains("p")) return std::unexpected("has no p=");
  return record;
}

}  // namespace hongyan::check
