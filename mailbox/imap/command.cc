#include "mailbox/imap/command.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

namespace hongyan::imap {
namespace {

constexpr std::size_t kMostQuoted = 1000;
constexpr std::size_t kLiteralMinus = 4096;  // RFC 7888 5
constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<int> digits(std::string_view text) {
  int value = 0;
  const auto [end, ec] = std::from_chars(text.begin(), text.end(), value);
  const bool plain = !text.empty() && text.front() >= '0' && text.front() <= '9';
  if (!plain || ec != std::errc() || end != text.end()) return std::nullopt;
  return value;
}

// "+0800" in minutes.
std::optional<int> zone_minutes(std::string_view text) {
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto number = digits(text.substr(1));
  if (!number) return std::nullopt;
  const int minutes = *number / 100 * 60 + *number % 100;
  return text[0] == '-' ? -minutes : minutes;
}

}  // namespace

void Capabilities::set(const std::vector<std::string>& words) {
  words_.clear();
  for (const std::string& word : words) {
    std::string& name = words_.emplace_back(word);
    std::ranges::transform(name, name.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
  }
}

bool Capabilities::has(std::string_view name) const {
  return std::ranges::find(words_, name) != words_.end();
}

std::size_t Capabilities::literal_at_once() const {
  if (has("LITERAL+")) return static_cast<std::size_t>(-1);
  return has("LITERAL-") || has("IMAP4REV2") ? kLiteralMinus : 0;
}

CommandWriter::CommandWriter(const Capabilities& server, std::string_view name)
    : at_once_(server.literal_at_once()), parts_{std::string(name)} {}

CommandWriter& CommandWriter::word(std::string_view text) {
  parts_.back().append(" ").append(text);
  return *this;
}

CommandWriter& CommandWriter::string(std::string_view text) {
  // Escapes are legal, yet not every server undoes them.
  const bool plain = text.size() <= kMostQuoted && std::ranges::all_of(text, [](char c) {
                       return c >= ' ' && c <= '~' && c != '"' && c != '\\';
                     });
  if (!plain) return literal(text);
  parts_.back().append(" \"").append(text).append("\"");
  return *this;
}

CommandWriter& CommandWriter::literal(std::string_view octets) {
  const bool at_once = octets.size() <= at_once_;
  parts_.back().append(" {").append(std::to_string(octets.size()));
  parts_.back().append(at_once ? "+}\r\n" : "}\r\n");
  if (!at_once) parts_.emplace_back();
  parts_.back().append(octets);
  return *this;
}

std::vector<std::string> CommandWriter::parts() {
  parts_.back().append("\r\n");
  return std::move(parts_);
}

std::string uid_set(const std::vector<std::uint32_t>& uids) {
  std::string out;
  for (std::size_t i = 0; i < uids.size();) {
    std::size_t last = i;
    while (last + 1 < uids.size() && uids[last + 1] == uids[last] + 1) ++last;
    if (!out.empty()) out += ',';
    out += std::to_string(uids[i]);
    if (last > i) out.append(":").append(std::to_string(uids[last]));
    i = last + 1;
  }
  return out;
}

std::string format_internal_date(WallTime at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - day));
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%2u-%s-%04d %02d:%02d:%02d +0000",
                static_cast<unsigned>(date.day()),
                kMonths.at(static_cast<unsigned>(date.month()) - 1), static_cast<int>(date.year()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text.data();
}

std::optional<WallTime> parse_internal_date(std::string_view text) {
  text = trim_blanks(text);
  const auto words = split(text, ' ');
  if (words.size() != 3) return std::nullopt;
  const auto date = split(words[0], '-');
  const auto time = split(words[1], ':');
  if (date.size() != 3 || time.size() != 3) return std::nullopt;
  const auto month = std::ranges::find_if(
      kMonths, [&](std::string_view name) { return ascii_iequals(name, date[1]); });
  const auto day = digits(date[0]);
  const auto year = digits(date[2]);
  const auto hour = digits(time[0]);
  const auto minute = digits(time[1]);
  const auto second = digits(time[2]);
  const auto zone = zone_minutes(words[2]);
  if (month == kMonths.end() || !day || !year || !hour || !minute || !second || !zone)
    return std::nullopt;
  const std::chrono::year_month_day when{
      std::chrono::year(*year),
      std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
      std::chrono::day(static_cast<unsigned>(*day))};
  if (!when.ok() || *year < 1970 || *year > 9999 || *hour > 23 || *minute > 59 || *second > 60)
    return std::nullopt;
  return WallTime(std::chrono::sys_days(when)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute - *zone) + std::chrono::seconds(*second);
}

}  // namespace hongyan::imap
