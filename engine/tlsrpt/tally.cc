#include "engine/tlsrpt/tally.h"

#include <algorithm>
#include <array>

namespace hongyan::tlsrpt {
namespace {

constexpr std::size_t kLongestPart = 255;
constexpr std::size_t kLongestPolicy = 2048;

void append_part(std::string& out, std::string_view part, std::size_t longest = kLongestPart) {
  for (const char c : part.substr(0, longest)) out += c > 0x1f && c < 0x7f && c != '|' ? c : '?';
}

// Cut at '|' into at most N parts; the last has the rest.
template <std::size_t N>
std::size_t cut(std::string_view text, std::array<std::string_view, N>& parts) {
  std::size_t n = 0;
  while (n + 1 < N) {
    const std::size_t bar = text.find('|');
    if (bar == std::string_view::npos) break;
    parts[n++] = text.substr(0, bar);
    text.remove_prefix(bar + 1);
  }
  parts[n++] = text;
  return n;
}

}  // namespace

std::string to_field(const Session& session) {
  std::string field;
  append_part(field, session.domain);
  field += '|';
  field += to_string(session.policy);
  field += '|';
  if (session.result.empty()) return field += "ok";
  append_part(field, session.result);
  for (const std::string* part :
       {&session.mx, &session.source, &session.receiver, &session.reason}) {
    field += '|';
    append_part(field, *part);
  }
  return field;
}

std::optional<Session> parse_field(std::string_view field) {
  std::array<std::string_view, 7> parts;
  const std::size_t n = cut(field, parts);
  if (n < 3 || parts[0].empty()) return std::nullopt;
  const auto type = parse_policy_type(parts[1]);
  if (!type) return std::nullopt;
  Session session{std::string(parts[0]), *type, "", "", "", "", ""};
  if (n == 3 && parts[2] == "ok") return session;
  if (n != 7 || parts[2] == "policy" || parts[2].empty()) return std::nullopt;
  session.result = parts[2];
  session.mx = parts[3];
  session.source = parts[4];
  session.receiver = parts[5];
  session.reason = parts[6];
  return session;
}

std::string to_field(const PolicyText& text) {
  std::string field;
  append_part(field, text.domain);
  field += '|';
  field += to_string(text.policy);
  field += "|policy|";
  std::string lines;
  for (const std::string& line : text.lines) {
    if (lines.size() + line.size() > kLongestPolicy)
      break;  // whole lines, as many as there is room for
    if (!lines.empty()) lines += ';';
    lines += line;
  }
  append_part(field, lines, kLongestPolicy);
  return field;
}

std::optional<PolicyText> parse_policy_field(std::string_view field) {
  std::array<std::string_view, 4> parts;
  if (cut(field, parts) != 4 || parts[0].empty() || parts[2] != "policy") return std::nullopt;
  const auto type = parse_policy_type(parts[1]);
  if (!type) return std::nullopt;
  PolicyText text{std::string(parts[0]), *type, {}};
  while (!parts[3].empty()) {
    const std::size_t end = std::min(parts[3].find(';'), parts[3].size());
    if (end > 0) text.lines.emplace_back(parts[3].substr(0, end));
    parts[3].remove_prefix(std::min(end + 1, parts[3].size()));
  }
  return text;
}

std::string utc_day(WallTime at) {
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(at)};
  const auto two = [](unsigned n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return std::to_string(static_cast<int>(day.year())) + '-' +
         two(static_cast<unsigned>(day.month())) + '-' + two(static_cast<unsigned>(day.day()));
}

void Tally::add(const std::string& day, const std::string& field, std::int64_t count) {
  Fields& fields = days_[day];
  if (const auto at = fields.find(field); at != fields.end()) {
    at->second += count;
  } else if (kinds_ < kMostKinds) {
    ++kinds_;
    fields.emplace(field, count);
  } else {
    fields[std::string(kUnlisted)] += count;
  }
}

std::pair<std::string, Tally::Fields> Tally::take_day() {
  auto node = days_.extract(days_.begin());
  kinds_ -= std::min(kinds_, node.mapped().size());
  if (days_.empty()) kinds_ = 0;
  return {std::move(node.key()), std::move(node.mapped())};
}

}  // namespace hongyan::tlsrpt
