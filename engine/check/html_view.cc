#include "engine/check/html_view.h"

#include "base/text.h"

#include <algorithm>

namespace hongyan::check {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string decode_amp(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] == '&' && ascii_iequals(text.substr(i, 5), "&amp;")) i += 4;
  }
  return out;
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  HtmlView run() {
    while (at_ < text_.size()) {
      if (text_[at_] != '<') {
        if (!is_blank(text_[at_]) && (static_cast<unsigned char>(text_[at_]) & 0xC0) != 0x80)
          ++view_.words;
        ++at_;
      } else if (text_.substr(at_).starts_with("<!--")) {
        skip_to("-->", 4);
      } else if (const char next = peek(1); next == '!' || next == '?') {
        skip_to(">", 2);
      } else if (is_letter(next) || (next == '/' && is_letter(peek(2)))) {
        read_tag();
      } else {
        ++at_;  // a bare < is text
      }
    }
    return std::move(view_);
  }

 private:
  char peek(std::size_t ahead) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  void skip_to(std::string_view end, std::size_t from) {
    const std::size_t found = text_.find(end, std::min(at_ + from, text_.size()));
    if (found == std::string_view::npos) return give_up(at_);
    at_ = found + end.size();
  }
  void give_up(std::size_t begin) {
    view_.unclosed.push_back(begin);
    at_ = text_.size();
  }

  void read_tag() {
    HtmlTag tag;
    tag.at = at_++;
    const std::size_t name = at_;
    while (at_ < text_.size() && !is_blank(text_[at_]) && text_[at_] != '>' &&
           (text_[at_] != '/' || at_ == name))
      ++at_;
    tag.name = ascii_lower(text_.substr(name, at_ - name));
    for (;;) {
      while (at_ < text_.size() && (is_blank(text_[at_]) || text_[at_] == '/')) ++at_;
      if (at_ >= text_.size()) return give_up(tag.at);
      if (text_[at_] == '>') break;
      if (text_[at_] == '<') {  // the next tag begins inside this one
        view_.unclosed.push_back(tag.at);
        view_.tags.push_back(std::move(tag));
        return;
      }
      if (!read_attribute(tag)) return;
    }
    ++at_;
    const std::string closing = "</" + tag.name;
    const bool skipped = tag.name == "script" || tag.name == "style" || tag.name == "title";
    view_.tags.push_back(std::move(tag));
    if (!skipped) return;
    while (at_ < text_.size() && !ascii_iequals(text_.substr(at_, closing.size()), closing)) ++at_;
  }

  // False: a quote never ends, and the rest of the text with it.
  bool read_attribute(HtmlTag& tag) {
    HtmlAttribute attribute;
    attribute.at = at_;
    const std::size_t name = at_;
    while (at_ < text_.size() && !is_blank(text_[at_]) && text_[at_] != '>' && text_[at_] != '/' &&
           text_[at_] != '<' && (text_[at_] != '=' || at_ == name))
      ++at_;
    attribute.name = ascii_lower(text_.substr(name, at_ - name));
    skip_blanks();
    if (peek(0) == '=') {
      ++at_;
      skip_blanks();
      const char quote = peek(0);
      std::size_t begin = at_, end = at_;
      if (quote == '"' || quote == '\'') {
        end = text_.find(quote, ++begin);
        // An author's value holds no tag; one that does has lost its quote.
        const std::size_t line = text_.find_first_of("<", begin);
        if (end == std::string_view::npos || line < end) {
          view_.unclosed.push_back(attribute.at);
          at_ = std::min(line, text_.size());
          view_.tags.push_back(std::move(tag));
          return false;
        }
        at_ = end + 1;
      } else {
        while (end < text_.size() && !is_blank(text_[end]) && text_[end] != '>') ++end;
        at_ = end;
      }
      attribute.value = decode_amp(text_.substr(begin, end - begin));
    }
    tag.attributes.push_back(std::move(attribute));
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  HtmlView view_;
};

}  // namespace

const HtmlAttribute* HtmlTag::find(std::string_view attribute) const {
  const auto found = std::ranges::find(attributes, attribute, &HtmlAttribute::name);
  return found == attributes.end() ? nullptr : &*found;
}

HtmlView view_html(std::string_view text) {
  return Scanner(text).run();
}

}  // namespace hongyan::check
