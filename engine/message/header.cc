#include "engine/message/header.h"

#include "base/text.h"
#include "engine/message/encode.h"

#include <algorithm>

namespace hongyan::message {
namespace {

constexpr std::size_t kSoftLine = 78;
constexpr std::size_t kEncodedLine = 76;
constexpr std::size_t kWordOverhead = 12;  // =?UTF-8?B??=
constexpr std::size_t kLeastRoom = 16;     // below that a new line is better
constexpr std::size_t kLongWord = 900;     // plain as long as the line stays under 998
constexpr char kHex[] = "0123456789ABCDEF";

bool is_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
// RFC 2047 5 (3): the set that is safe in a display name as well.
bool is_q_safe(char c) {
  return is_alnum(c) || std::string_view("!*+-/").contains(c);
}

std::size_t character_length(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  return end - at;
}

void append_hex(char c, std::string& out) {
  out += kHex[static_cast<unsigned char>(c) >> 4];
  out += kHex[static_cast<unsigned char>(c) & 15];
}

std::size_t q_length(std::string_view text) {
  std::size_t length = 0;
  for (const char c : text) length += c == ' ' || is_q_safe(c) ? 1 : 3;
  return length;
}

void append_q(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (c == ' ') {
      out += '_';
    } else if (is_q_safe(c)) {
      out += c;
    } else {
      out += '=';
      append_hex(c, out);
    }
  }
}

// A header being written: knows its column.
class Line {
 public:
  Line(std::string_view name, std::string& out) : out_(out), column_(name.size() + 1) {
    out_ += name;
    out_ += ':';
  }
  void fold() {
    out_ += "\r\n";
    column_ = 0;
    limit_ = kSoftLine;
    first_ = false;
  }
  // A word with the blank before it, on a new line where it does not fit.
  void word(std::string_view word) {
    if (column_ + 1 + word.size() > limit_ && !first_) fold();
    blank();
    out_ += word;
    column_ += word.size();
  }
  // The longest encoded words that fit; the blank before the first belongs to the text around.
  void encoded(std::string_view text) {
    const bool q = q_length(text) <= (text.size() + 2) / 3 * 4;
    while (!text.empty()) {
      if (column_ + 1 + kWordOverhead + kLeastRoom > kEncodedLine) fold();
      const std::size_t room = kEncodedLine - column_ - 1 - kWordOverhead;
      std::size_t taken = 0;
      for (std::size_t used = 0; taken < text.size();) {
        const std::size_t length = character_length(text, taken);
        used += q ? q_length(text.substr(taken, length)) : length;
        if (used > (q ? room : room / 4 * 3)) break;
        taken += length;
      }
      blank();
      const std::size_t begin = out_.size();
      out_ += q ? "=?UTF-8?Q?" : "=?UTF-8?B?";
      if (q) {
        append_q(text.substr(0, taken), out_);
      } else {
        append_base64_word(text.substr(0, taken), out_);
      }
      out_ += "?=";
      column_ += out_.size() - begin;
      limit_ = kEncodedLine;
      text.remove_prefix(taken);
      if (!text.empty()) fold();
    }
  }
  void end() { out_ += "\r\n"; }

 private:
  void blank() {
    out_ += ' ';
    ++column_;
    first_ = false;
  }

  std::string& out_;
  std::size_t column_;
  std::size_t limit_ = kSoftLine;
  bool first_ = true;
};

void append_words(Line& line, std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) line.word(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

bool is_plain_word(std::string_view word) {
  return is_ascii(word) && word.size() <= kLongWord && !word.contains("=?");
}

}  // namespace

bool is_ascii(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

void append_clean(std::string_view text, std::string& out) {
  const std::size_t begin = out.size();
  bool gap = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte <= ' ' || byte == 0x7F) {
      gap = true;
    } else if (byte == 0xC2 && i + 1 < text.size() &&
               static_cast<unsigned char>(text[i + 1]) < 0xA0) {
      gap = true;
      ++i;
    } else {
      if (gap && out.size() > begin) out += ' ';
      gap = false;
      out += text[i];
    }
  }
}

bool holds_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < ' ' || byte == 0x7F) return true;
    if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0)
      return true;
  }
  return false;
}

void append_unstructured(std::string_view name, std::string_view clean, std::string& out) {
  Line line(name, out);
  std::size_t first = std::string_view::npos;
  std::size_t last = 0;
  for (std::size_t at = 0; at < clean.size();) {
    const std::size_t end = std::min(clean.find(' ', at), clean.size());
    if (!is_plain_word(clean.substr(at, end - at))) {
      first = std::min(first, at);
      last = end;
    }
    at = end + 1;
  }
  if (first == std::string_view::npos) {
    append_words(line, clean);
  } else {
    append_words(line, clean.substr(0, first));
    line.encoded(clean.substr(first, last - first));
    append_words(line, clean.substr(last));
  }
  line.end();
}

void append_mailbox(std::string_view name, std::string_view display, std::string_view address,
                    std::string& out) {
  constexpr std::size_t kLongestQuoted = 60;
  Line line(name, out);
  if (display.empty()) {
    line.word(address);
    line.end();
    return;
  }
  const bool atoms = std::ranges::all_of(display, [](char c) { return is_alnum(c) || c == ' '; });
  if (!is_ascii(display) || display.size() > kLongestQuoted || display.contains("=?")) {
    line.encoded(display);
  } else if (atoms) {
    append_words(line, display);
  } else {
    std::string quoted = "\"";
    for (const char c : display) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
    line.word(quoted + '"');
  }
  line.word("<" + std::string(address) + ">");
  line.end();
}

void append_uris(std::string_view name, std::string_view value, std::string& out) {
  Line line(name, out);
  append_words(line, value);
  line.end();
}

void append_uri_escaped(std::string_view value, std::string& out) {
  for (const char c : value) {
    if (is_alnum(c) || std::string_view("-._~:/?#[]@!$&'()*+;=%").contains(c)) {
      out += c;
    } else {
      out += '%';
      append_hex(c, out);
    }
  }
}

bool append_date(WallTime at, std::chrono::minutes utc_offset, std::string& out) {
  constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  using namespace std::chrono;
  const auto local = floor<seconds>(at) + utc_offset;
  const auto day = floor<days>(local);
  const year_month_day date(day);
  const int year = static_cast<int>(date.year());
  if (at < WallTime{sys_days{std::chrono::year{1900} / 1 / 2}} ||
      at > WallTime{sys_days{std::chrono::year{9999} / 12 / 30}})
    return false;
  const hh_mm_ss time(local - day);
  const auto two = [&](std::int64_t n) {
    out += static_cast<char>('0' + n / 10 % 10);
    out += static_cast<char>('0' + n % 10);
  };
  out += kDays.substr(weekday(day).c_encoding() * 3, 3);
  out += ", ";
  two(static_cast<unsigned>(date.day()));
  out += ' ';
  out += kMonths.substr((static_cast<unsigned>(date.month()) - 1) * 3, 3);
  out += ' ';
  two(year / 100);
  two(year);
  out += ' ';
  two(time.hours().count());
  out += ':';
  two(time.minutes().count());
  out += ':';
  two(time.seconds().count());
  out += utc_offset.count() < 0 ? " -" : " +";
  two(abs(utc_offset).count() / 60);
  two(abs(utc_offset).count() % 60);
  return true;
}

void append_filename(std::string_view filename, std::string& out) {
  constexpr std::size_t kPiece = 55;
  if (is_ascii(filename) && filename.size() <= kPiece &&
      filename.find_first_of("\"\\%'*") == std::string_view::npos) {
    out += ";\r\n filename=\"";
    out += filename;
    out += '"';
    return;
  }
  std::string piece = "UTF-8''";
  int number = 0;
  const auto flush = [&] {
    out += ";\r\n filename*" + std::to_string(number++) + "*=" + piece;
    piece.clear();
  };
  for (const char c : filename) {
    if (is_alnum(c) || std::string_view("-._").contains(c)) {
      piece += c;
    } else {
      piece += '%';
      append_hex(c, piece);
    }
    if (piece.size() > kPiece - 3) flush();
  }
  if (!piece.empty()) flush();
}

bool is_lone_address(std::string_view address) {
  if (address.size() > 320 || holds_control(address) || !is_valid_utf8(address)) return false;
  std::size_t at = std::string_view::npos;
  bool quoted = false;
  for (std::size_t i = 0; i < address.size(); ++i) {
    const char c = address[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      if (at != std::string_view::npos) return false;
      quoted = !quoted;
    } else if (!quoted && c == '@') {
      if (at != std::string_view::npos) return false;
      at = i;
    } else if (!quoted && std::string_view(" <>()[]:;,\\").contains(c)) {
      const bool literal = at != std::string_view::npos && std::string_view("[]:").contains(c);
      if (!literal) return false;
    }
  }
  return !quoted && at != std::string_view::npos && at > 0 && at + 1 < address.size();
}

bool is_dot_atom(std::string_view text) {
  if (text.empty() || text.front() == '.' || text.back() == '.' || text.contains(".."))
    return false;
  return std::ranges::all_of(text, [](char c) {
    return is_alnum(c) || std::string_view("!#$%&'*+-/=?^_`{|}~.").contains(c);
  });
}

}  // namespace hongyan::message
