#include "engine/message/template.h"

#include "base/text.h"

namespace hongyan::message {
namespace {

constexpr std::size_t kMaxFaults = 20;

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_name(char c) {
  return is_name_start(c) || (c >= '0' && c <= '9') || c == '-';
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view where, Faults& faults)
      : text_(text), where_(where), faults_(faults) {}

  std::vector<Segment> run() {
    if (text_.size() > kMaxTemplateBytes) {
      add(0, "is larger than " + std::to_string(kMaxTemplateBytes) + " bytes", "");
      return {};
    }
    if (!is_valid_utf8(text_)) {
      add(0, "is not valid UTF-8", "");
      return {};
    }
    while (at_ < text_.size() && added_ < kMaxFaults) {
      const std::size_t brace = text_.find('{', at_);
      if (brace == std::string_view::npos || brace + 1 == text_.size()) break;
      const char next = text_[brace + 1];
      if (next == '{') {
        literal(brace);
        at_ = brace + 2;
        if (!expression(brace)) recover();
        literal_from_ = at_;
      } else {
        if (next == '%') add(brace, "`{%` begins a tag; only {{ name }} is understood", "");
        at_ = brace + 1;
      }
    }
    literal(text_.size());
    return std::move(segments_);
  }

 private:
  void literal(std::size_t end) {
    if (end > literal_from_)
      segments_.push_back({std::string(text_.substr(literal_from_, end - literal_from_)), {}, {}});
    literal_from_ = end;
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").contains(text_[at_])) ++at_;
  }
  std::string_view word() {
    const std::size_t begin = at_;
    if (is_name_start(peek()))
      while (at_ < text_.size() && is_name(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  // After "{{"; false when a fault was added.
  bool expression(std::size_t open) {
    skip_blanks();
    if (at_ == text_.size()) return add(open, "`{{` is never closed with `}}`", "");
    const std::string_view name = word();
    if (name.empty()) return add(at_, "a variable name is needed after `{{`", "{{ name }}");
    Segment segment{{}, std::string(name), {}};
    skip_blanks();
    if (peek() == '|' && !filter(segment)) return false;
    skip_blanks();
    if (!text_.substr(at_).starts_with("}}")) {
      if (at_ == text_.size()) return add(open, "`{{` is never closed with `}}`", "");
      return add(at_, "`}}` or `| default: \"...\"` is needed after the name", "");
    }
    at_ += 2;
    if (++variables_ > kMaxVariables)
      return add(open, "more than " + std::to_string(kMaxVariables) + " variables", "");
    segments_.push_back(std::move(segment));
    return true;
  }

  bool filter(Segment& segment) {
    ++at_;
    skip_blanks();
    const std::size_t begin = at_;
    if (word() != "default") return add(begin, "the only filter is default", "| default: \"...\"");
    skip_blanks();
    if (peek() != ':') return add(at_, "`:` is needed after default", "| default: \"...\"");
    ++at_;
    skip_blanks();
    const char quote = peek();
    if (quote != '"' && quote != '\'')
      return add(at_, "the default needs quotes", "| default: \"...\"");
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) {
      add(at_, "the quotes of the default are never closed", "");
      at_ = text_.size();
      return false;
    }
    segment.fallback = std::string(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return true;
  }

  void recover() {
    const std::size_t close = text_.find("}}", at_);
    at_ = close == std::string_view::npos ? text_.size() : close + 2;
  }

  // Faults come in rising order of place but for an unclosed `{{`, which ends the parse; so the
  // count of lines goes on from the last one.
  bool add(std::size_t at, std::string what, std::string hint) {
    if (at < counted_) {
      counted_ = 0;
      line_ = column_ = 1;
    }
    for (; counted_ < at; ++counted_) {
      const auto c = static_cast<unsigned char>(text_[counted_]);
      if (c == '\n') {
        ++line_;
        column_ = 1;
      } else if ((c & 0xC0) != 0x80) {
        ++column_;
      }
    }
    faults_.push_back({where_ + ":" + std::to_string(line_) + ":" + std::to_string(column_),
                       std::move(what), std::move(hint)});
    ++added_;
    return false;
  }

  std::string_view text_;
  std::string where_;
  Faults& faults_;
  std::vector<Segment> segments_;
  std::size_t at_ = 0;
  std::size_t literal_from_ = 0;
  std::size_t variables_ = 0;
  std::size_t added_ = 0;
  std::size_t counted_ = 0;
  std::size_t line_ = 1;
  std::size_t column_ = 1;
};

}  // namespace

std::vector<Segment> parse_template(std::string_view text, std::string_view where, Faults& faults) {
  return Parser(text, where, faults).run();
}

}  // namespace hongyan::message
