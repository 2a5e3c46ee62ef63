#include "base/json_scan.h"

#include "base/utf8.h"

#include <algorithm>
#include <cstdint>

namespace hongyan {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

bool JsonScanner::fail(const char* what) {
  if (error_ == nullptr) error_ = what;
  return false;
}

char JsonScanner::peek() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return c;
    ++at_;
  }
  return '\0';
}

bool JsonScanner::accept(char token) {
  if (failed() || peek() != token || at_ == text_.size()) return false;
  ++at_;
  return true;
}

bool JsonScanner::expect(char token) {
  if (accept(token)) return true;
  switch (token) {
    case '{':
      return fail("a { is expected");
    case ':':
      return fail("a : is expected");
    case ',':
      return fail("a , is expected");
    default:
      return fail("the end is expected");
  }
}

bool JsonScanner::string(std::string_view& out, std::string& scratch) {
  if (!accept('"')) return fail("a string is expected");
  const std::size_t begin = at_;
  const auto plain = [&] {
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
           static_cast<unsigned char>(text_[at_]) >= 0x20)
      ++at_;
    return at_ < text_.size() && static_cast<unsigned char>(text_[at_]) >= 0x20;
  };
  if (!plain()) return fail("a string is not closed");
  if (text_[at_] == '"') {
    out = text_.substr(begin, at_++ - begin);
    return true;
  }
  scratch.assign(text_, begin, at_ - begin);
  for (;;) {
    ++at_;
    if (text_[at_ - 1] == '"') break;
    if (!escape(scratch)) return false;
    const std::size_t from = at_;
    if (!plain()) return fail("a string is not closed");
    scratch.append(text_, from, at_ - from);
  }
  out = scratch;
  return true;
}

bool JsonScanner::hex4(unsigned& out) {
  out = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    const int digit = is_digit(c)              ? c - '0'
                      : (c >= 'a' && c <= 'f') ? c - 'a' + 10
                      : (c >= 'A' && c <= 'F') ? c - 'A' + 10
                                               : -1;
    if (digit < 0) return fail("\\u needs four hexadecimal digits");
    out = out << 4 | static_cast<unsigned>(digit);
  }
  return true;
}

bool JsonScanner::escape(std::string& out) {
  if (at_ == text_.size()) return fail("a string is not closed");
  const char c = text_[at_++];
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
  if (const auto i = kNames.find(c); i != std::string_view::npos) {
    out += kValues[i];
    return true;
  }
  if (c != 'u') return fail("an unknown escape stands in a string");
  unsigned code = 0;
  if (!hex4(code)) return false;
  if (code >= 0xDC00 && code <= 0xDFFF) return fail("a lone surrogate stands in a string");
  if (code >= 0xD800 && code <= 0xDBFF) {
    unsigned low = 0;
    if (!text_.substr(at_).starts_with("\\u")) return fail("a lone surrogate stands in a string");
    at_ += 2;
    if (!hex4(low)) return false;
    if (low < 0xDC00 || low > 0xDFFF) return fail("a lone surrogate stands in a string");
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  append_utf8(out, code);
  return true;
}

bool JsonScanner::number(std::string_view& out) {
  peek();
  if (failed()) return false;
  const std::size_t begin = at_;
  const auto digits = [&] {
    const std::size_t from = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return at_ > from;
  };
  const auto is_next = [&](std::string_view any) {
    return at_ < text_.size() && any.contains(text_[at_]);
  };
  if (is_next("-")) ++at_;
  if (is_next("0")) {
    ++at_;
    if (at_ < text_.size() && is_digit(text_[at_])) return fail("a number begins with 0");
  } else if (!digits()) {
    return fail("a value is expected");
  }
  if (is_next(".")) {
    ++at_;
    if (!digits()) return fail("a number ends with its point");
  }
  if (is_next("eE")) {
    ++at_;
    if (is_next("+-")) ++at_;
    if (!digits()) return fail("a number has no exponent after its e");
  }
  out = text_.substr(begin, at_ - begin);
  return true;
}

bool JsonScanner::literal(std::string_view& out) {
  peek();
  if (failed()) return false;
  for (const std::string_view word : {"true", "false", "null"}) {
    if (!text_.substr(at_).starts_with(word)) continue;
    at_ += word.size();
    out = word;
    return true;
  }
  return fail("a value is expected");
}

bool JsonScanner::skip(int depth, std::string& scratch) {
  std::string_view ignored;
  const char next = peek();
  if (next == '"') return string(ignored, scratch);
  if (next == 't' || next == 'f' || next == 'n') return literal(ignored);
  if (next != '[' && next != '{') return number(ignored);
  if (depth == 0) return fail("arrays and objects stand more than 32 deep");
  const bool object = accept('{');
  if (!object) accept('[');
  const char close = object ? '}' : ']';
  if (accept(close)) return true;
  do {
    if (object && (!string(ignored, scratch) || !expect(':'))) return false;
    if (!skip(depth - 1, scratch)) return false;
  } while (accept(','));
  return accept(close) || fail(object ? "a , or } is expected" : "a , or ] is expected");
}

bool JsonScanner::value(std::string_view& out) {
  peek();
  const std::size_t begin = at_;
  std::string scratch;
  if (!skip(32, scratch)) return false;
  out = text_.substr(begin, at_ - begin);
  return true;
}

void append_json_string(std::string& out, std::string_view text) {
  constexpr char kDigits[] = "0123456789abcdef";
  constexpr std::string_view kNames = "btnvfr";
  const auto is_plain = [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
  };
  if (utf8_prefix(text) != text.size()) return append_json_string(out, replace_invalid_utf8(text));
  out += '"';
  for (auto it = text.begin(); it != text.end();) {
    const auto special = std::find_if_not(it, text.end(), is_plain);
    out.append(it, special);
    if (special == text.end()) break;
    const auto c = static_cast<unsigned char>(*special);
    out += '\\';
    if (c >= 0x20) {
      out += static_cast<char>(c);
    } else if (c >= 8 && c <= 13 && c != 11) {
      out += kNames[c - 8];
    } else {
      out += "u00";
      out += kDigits[c >> 4];
      out += kDigits[c & 15];
    }
    it = special + 1;
  }
  out += '"';
}

}  // namespace hongyan
