#include "base/text.h"
#include "base/utf8.h"
#include "engine/check/message_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace hongyan::check {
namespace {

constexpr std::size_t kColumns = 78;
// Label and brackets around it; the fullwidth ones too.
constexpr std::string_view kBrackets[] = {"[",      "(",      "<",      "\u3010", "\uFF08",
                                          "\u300A", "\u3008", "\uFF3B", "\u300C"};
constexpr std::string_view kBlanks[] = {" ", "\t", "\u3000", "\u00A0"};
// Answers and forwards as mail programs of the world mark them.
constexpr std::string_view kReplies[] = {
    "re",           "fw",           "fwd",          "aw",           "wg",           "sv",
    "vs",           "ref",          "rv",           "tr",           "antw",         "\u56de\u590d",
    "\u56de\u8986", "\u7b54\u590d", "\u7b54\u8986", "\u8f6c\u53d1", "\u8f49\u5bc4", "\u8f49\u767c"};

std::string_view trim_front(std::string_view text) {
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view blank : kBlanks)
      while (text.starts_with(blank)) text.remove_prefix(blank.size()), again = true;
  }
  return text;
}

char32_t code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const unsigned first = byte(at);
  const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  char32_t value = length == 1 ? first : first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) value = value << 6 | (byte(at + i) & 0x3FU);
  at += length;
  return value;
}

// Columns as a list of mails has them: CJK and full-width characters take two.
std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < text.size();) columns += code_point(text, at) >= 0x2E80 ? 2 : 1;
  return columns;
}

bool is_shouting(std::string_view subject) {
  std::size_t upper = 0, lower = 0, marks = 0;
  for (std::size_t at = 0; at < subject.size();) {
    const char32_t c = code_point(subject, at);
    upper += c >= 'A' && c <= 'Z' ? 1 : 0;
    lower += c >= 'a' && c <= 'z' ? 1 : 0;
    marks += c == '!' || c == 0xFF01 ? 1 : 0;
  }
  return marks >= 3 || (upper >= 12 && lower == 0);
}

}  // namespace

bool has_han(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = code_point(text, at);
    if ((c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF)) return true;
  }
  return false;
}

bool has_ad_label(std::string_view subject) {
  subject = trim_front(subject);
  for (const std::string_view bracket : kBrackets)
    if (subject.starts_with(bracket)) {
      subject = trim_front(subject.substr(bracket.size()));
      break;
    }
  if (subject.starts_with("\u5e7f\u544a") || subject.starts_with("\u5ee3\u544a")) return true;
  if (!subject.starts_with("AD")) return false;
  // A word of its own: not "ADAC" and not "Add".
  const char next = subject.size() > 2 ? subject[2] : ' ';
  return std::isalnum(static_cast<unsigned char>(next)) == 0 && next != '-' && next != '\'';
}

std::string_view reply_prefix(std::string_view subject) {
  subject = trim_front(subject);
  for (const std::string_view word : kReplies) {
    if (!ascii_iequals(subject.substr(0, word.size()), word)) continue;
    std::string_view rest = subject.substr(word.size());
    // "Re[2]:", "RE (2):"
    rest = trim_front(rest);
    if (rest.starts_with('[') || rest.starts_with('(')) {
      const std::size_t end = rest.find_first_of("])");
      if (end != std::string_view::npos && end <= 4) rest = trim_front(rest.substr(end + 1));
    }
    if (rest.starts_with(':') || rest.starts_with("\uFF1A")) return word;
  }
  return {};
}

void check_subjects(const std::vector<std::string>& subjects, Kind kind, const Market& market,
                    Findings& findings) {
  const std::set<std::string> distinct(subjects.begin(), subjects.end());
  std::set<std::string> told;
  const auto once = [&](std::string_view id, const std::string& what) {
    if (told.insert(std::string(id)).second) findings.add(id, what);
  };
  bool unlabelled = false;
  for (const std::string& subject : distinct) {
    const std::string shown = "\"" + subject + "\"";
    if (trim_front(subject).empty()) {
      once("subject-empty", "the subject is empty");
      continue;
    }
    if (const std::size_t columns = columns_of(subject); columns > kColumns)
      once("subject-long", fmt::format("{} columns: {}", columns, shown));
    if (is_shouting(subject)) once("subject-shouting", shown);
    if (!reply_prefix(subject).empty()) once("subject-misleading", shown);
    unlabelled = unlabelled || !has_ad_label(subject);
  }
  if (kind != Kind::kCommercial || !unlabelled || distinct.empty()) return;
  const auto first = std::ranges::find_if(
      distinct, [](const std::string& subject) { return !has_ad_label(subject); });
  const std::string shown = "\"" + *first + "\"";
  if (market.named) {
    findings.add("ad-label", "the subject begins with neither: " + shown);
  } else if (market.chinese > 0) {
    // One address in a hundred is where a campaign is meant for China.
    findings.add(market.chinese * 100 >= market.recipients ? "ad-label" : "ad-label-few",
                 fmt::format("{} of {} recipients are at Chinese receivers, and the subject begins "
                             "with neither: {}",
                             market.chinese, market.recipients, shown));
  }
}

}  // namespace hongyan::check
