#include "engine/smtp/capabilities.h"

#include "base/text.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace hongyan::smtp {
namespace {

// The next word, separated by blanks (and "=" after AUTH, as old servers write it).
std::string_view take_word(std::string_view& line) {
  constexpr std::string_view kSeparators = " \t=";
  const std::size_t start = line.find_first_not_of(kSeparators);
  if (start == std::string_view::npos) return line = {};
  line.remove_prefix(start);
  const std::size_t length = std::min(line.find_first_of(kSeparators), line.size());
  const std::string_view word = line.substr(0, length);
  line.remove_prefix(length);
  return word;
}

void read_line(std::string_view line, Capabilities& found) {
  const std::string keyword = ascii_lower(take_word(line));
  if (keyword == "pipelining") {
    found.pipelining = true;
  } else if (keyword == "8bitmime") {
    found.eight_bit_mime = true;
  } else if (keyword == "smtputf8") {
    found.smtputf8 = true;
  } else if (keyword == "enhancedstatuscodes") {
    found.enhanced_codes = true;
  } else if (keyword == "chunking") {
    found.chunking = true;
  } else if (keyword == "starttls") {
    found.starttls = true;
  } else if (keyword == "size") {
    found.size = true;
    const std::string_view number = take_word(line);
    std::size_t limit = 0;
    const auto [end, ec] = std::from_chars(number.data(), number.data() + number.size(), limit);
    if (ec == std::errc() && end == number.data() + number.size()) found.size_limit = limit;
  } else if (keyword == "auth") {
    for (std::string_view word = take_word(line); !word.empty(); word = take_word(line)) {
      found.auth_plain = found.auth_plain || ascii_iequals(word, "PLAIN");
      found.auth_login = found.auth_login || ascii_iequals(word, "LOGIN");
      found.auth_oauthbearer = found.auth_oauthbearer || ascii_iequals(word, "OAUTHBEARER");
      found.auth_xoauth2 = found.auth_xoauth2 || ascii_iequals(word, "XOAUTH2");
    }
  }
}

}  // namespace

Capabilities parse_ehlo(std::string_view lines) {
  Capabilities found;
  for (std::size_t newline = lines.find('\n'); newline != std::string_view::npos;
       newline = lines.find('\n')) {
    lines.remove_prefix(newline + 1);
    read_line(lines.substr(0, lines.find('\n')), found);
  }
  return found;
}

}  // namespace hongyan::smtp
