#include "engine/answer/reply_text.h"

#include "base/decoder.h"
#include "base/text.h"

#include <algorithm>

namespace hongyan::answer {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// "5.1.1" at `at`, standing alone (an address or a version goes on). Empty: none.
std::string_view status_at(std::string_view text, std::size_t at) {
  if (at > 0 && (is_word(text[at - 1]) || text[at - 1] == '.')) return {};
  if (text[at] != '4' && text[at] != '5') return {};
  std::size_t end = at + 1;
  for (int part = 0; part < 2; ++part) {
    if (end >= text.size() || text[end] != '.') return {};
    const std::size_t first = ++end;
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end == first || end - first > 3) return {};
  }
  const bool goes_on =
      end < text.size() &&
      (is_word(text[end]) || (text[end] == '.' && end + 1 < text.size() && is_word(text[end + 1])));
  return goes_on ? std::string_view() : text.substr(at, end - at);
}

// The reply code at `at`: three digits that stand alone. 0: none.
int code_at(std::string_view text, std::size_t at) {
  if (at + 3 > text.size()) return 0;
  if (at > 0 && (is_word(text[at - 1]) || text[at - 1] == '.' || text[at - 1] == '-')) return 0;
  if ((text[at] != '4' && text[at] != '5') || text[at + 1] > '7' || !is_digit(text[at + 1]) ||
      !is_digit(text[at + 2]))
    return 0;
  const char next = at + 3 < text.size() ? text[at + 3] : ' ';
  if (is_word(next) || next == '.') return 0;
  return (text[at] - '0') * 100 + (text[at + 1] - '0') * 10 + (text[at + 2] - '0');
}

// A code with a status behind it is surely one; then the one that begins the line or follows what
// log lines say before a reply; then any.
std::size_t find_code(std::string_view text) {
  std::size_t likely = std::string_view::npos;
  std::size_t any = std::string_view::npos;
  for (std::size_t at = 0; at + 3 <= text.size(); ++at) {
    if (code_at(text, at) == 0) continue;
    std::size_t behind = at + 3;
    while (behind < text.size() && !is_word(text[behind]) && behind < at + 6) ++behind;
    if (behind < text.size() && !status_at(text, behind).empty()) return at;
    const std::string_view before = trim_blanks(text.substr(0, at));
    const bool begins = before.empty() || before.ends_with(':') || before.ends_with(';') ||
                        before.ends_with("smtp") || before.ends_with('"') || before.ends_with('\'');
    if (begins && likely == std::string_view::npos) likely = at;
    if (any == std::string_view::npos) any = at;
  }
  return likely != std::string_view::npos ? likely : any;
}

}  // namespace

std::string_view find_status(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at)
    if (const auto status = status_at(text, at); !status.empty()) return status;
  return {};
}

ReplyLine parse_reply_line(std::string_view line) {
  ReplyLine reply;
  const std::string all = readable(line);
  const std::size_t at = find_code(all);
  if (at == std::string::npos) {
    reply.text = all;
    reply.enhanced = find_status(all);
    return reply;
  }
  reply.code = code_at(all, at);
  const std::string code = all.substr(at, 3);
  // What stands before the reply (a log's words, a host) may tell the receiver.
  reply.text = trim_blanks(std::string_view(all).substr(0, at));
  std::string_view rest = std::string_view(all).substr(at);
  while (!rest.empty()) {
    // Of a joined multi-line reply each line begins with the code again, most with the status too.
    if (rest.starts_with(code) && rest.size() > 3 && (rest[3] == ' ' || rest[3] == '-'))
      rest.remove_prefix(4);
    else if (rest == code)
      rest = {};
    const std::string_view status = rest.empty() ? rest : status_at(rest, 0);
    if (!status.empty()) {
      if (reply.enhanced.empty()) reply.enhanced = status;
      rest.remove_prefix(status.size());
    }
    std::size_t next = rest.find(" " + code + "-");
    if (next == std::string_view::npos) next = rest.find(" " + code + " ");
    const std::string_view words = trim_blanks(rest.substr(0, next));
    if (!words.empty()) {
      if (!reply.text.empty()) reply.text += ' ';
      reply.text += words;
    }
    if (next == std::string_view::npos) break;
    rest.remove_prefix(next + 1);
  }
  if (reply.enhanced.empty()) reply.enhanced = find_status(reply.text);
  return reply;
}

std::string readable(std::string_view bytes) {
  bytes = bytes.substr(0, 4 * kMostText);
  std::string converted;
  std::string_view decoded = bytes;
  if (!is_valid_utf8(bytes)) {
    Decoder decoder(Encoding::kGb18030);
    decoder.feed(bytes, converted);
    decoder.finish(converted);
    decoded = converted;
  }
  std::string text;
  text.reserve(std::min(decoded.size(), kMostText));
  bool blank = false;
  for (const char c : decoded) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte == 0x7F) {
      blank = !text.empty();
      continue;
    }
    if (text.size() + 1 >= kMostText) break;
    if (blank) text += ' ';
    blank = false;
    text += byte == 0xFF ? '?' : c;
  }
  // Not in the middle of a character.
  while (!text.empty() && !is_valid_utf8(text)) text.pop_back();
  return text;
}

namespace {

// Of addresses, host names, numbers and identifiers.
bool is_run(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("._-+=%").contains(c);
}

// Codes of receivers (S3150, OFR004_101, AS16012611) are shorter, or have fewer digits.
bool is_identifier(std::string_view run) {
  const auto digits = std::ranges::count_if(run, is_digit);
  const auto dots = std::ranges::count(run, '.');
  const auto size = static_cast<std::ptrdiff_t>(run.size());
  return (dots >= 3 && digits + dots >= size - 1) || (size >= 12 && digits * 3 >= size);
}

}  // namespace

void append_matchable(std::string_view bytes, std::string& out) {
  const std::string text = readable(bytes);
  std::string_view rest = text;
  // "denied...7d39" is a word, dots and a number.
  const auto run_length = [&rest] {
    std::size_t length = 0;
    while (length < rest.size() && is_run(rest[length]) && !rest.substr(length).starts_with(".."))
      ++length;
    return length;
  };
  while (!rest.empty()) {
    const std::size_t run = run_length();
    if (run == 0) {
      out += rest.front();
      rest.remove_prefix(1);
    } else if (run < rest.size() && rest[run] == '@') {
      out += '@';
      rest.remove_prefix(run + 1);
      rest.remove_prefix(run_length());
    } else {
      if (is_identifier(rest.substr(0, run)))
        out += '#';
      else
        out += rest.substr(0, run);
      rest.remove_prefix(run);
    }
  }
}

}  // namespace hongyan::answer
