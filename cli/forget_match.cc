#include "cli/forget_match.h"

#include "base/address.h"
#include "base/text.h"

#include <algorithm>
#include <cctype>

namespace hongyan::cli {
namespace {

// Fewer than RFC 5322 allows: quotes, slashes and the like more often surround an address.
bool is_of_address(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '+';
}

bool mentions(std::string_view text, std::string_view address) {
  for (auto at = text.find(address); at != std::string_view::npos;
       at = text.find(address, at + 1)) {
    const bool begins = at == 0 || !(is_of_address(text[at - 1]) || text[at - 1] == '.');
    const std::string_view rest = text.substr(at + address.size());
    const bool ends =
        rest.empty() ||
        !(is_of_address(rest[0]) || (rest[0] == '.' && rest.size() > 1 && is_of_address(rest[1])));
    if (begins && ends) return true;
  }
  return false;
}

}  // namespace

ForgetMatch::ForgetMatch(const std::string& address) : folded_(ascii_lower(trim_blanks(address))) {
  if (const auto parsed = parse_address(address)) normalised_ = ascii_lower(parsed->normalised());
}

bool ForgetMatch::is(std::string_view text) const {
  if (ascii_lower(trim_blanks(text)) == folded_) return true;
  if (normalised_.empty()) return false;
  const auto address = parse_address(text);
  return address && ascii_lower(address->normalised()) == normalised_;
}

bool ForgetMatch::is_in(std::string_view text) const {
  const std::string folded = ascii_lower(text);
  return mentions(folded, folded_) || (!normalised_.empty() && mentions(folded, normalised_));
}

bool ForgetMatch::is_recipient(const Json& line) const {
  const Json* to = line.find("to");
  return (to != nullptr && is(to->text())) || is_in(to_json(line));
}

bool ForgetMatch::is_in_list(std::string_view lines) const {
  return std::ranges::any_of(split(lines, '\n'), [&](std::string_view line) {
    const auto parsed = parse_json(line);
    return parsed ? is_recipient(*parsed) : is_in(line);
  });
}

bool ForgetMatch::is_in_document(std::string_view json) const {
  const auto document = parse_json(json);
  if (!document) return is_in(json);
  const Json* recipients = document->find("recipients");
  const Json* list = recipients == nullptr ? nullptr : recipients->find("list");
  return list != nullptr && std::ranges::any_of(list->items(), [&](const Json& recipient) {
           return is_recipient(recipient);
         });
}

}  // namespace hongyan::cli
