#include "engine/message/plain_text.h"

#include "base/text.h"
#include "engine/message/html_scan.h"

#include <algorithm>

namespace hongyan::message {
namespace {

constexpr std::string_view kUnseen[] = {"head", "script", "style", "template", "title"};
constexpr std::string_view kParagraphs[] = {"blockquote", "dl", "h1", "h2", "h3",    "h4", "h5",
                                            "h6",         "hr", "ol", "p",  "table", "ul"};
constexpr std::string_view kLines[] = {"address", "article", "center", "dd",     "div",  "dt",
                                       "footer",  "form",    "header", "li",     "main", "nav",
                                       "pre",     "section", "tr",     "caption"};
template <std::size_t N>
bool is_among(const std::string_view (&names)[N], std::string_view name) {
  return std::ranges::find(names, name) != std::end(names);
}

class Writer {
 public:
  explicit Writer(std::string_view html) : html_(html), scan_(html) {}

  std::string run() {
    while (at_ < html_.size()) {
      const std::string_view rest = html_.substr(at_);
      if (rest.starts_with("{{")) {
        output();
      } else if (rest.starts_with("{%")) {
        tag();
      } else if (begins_markup(rest)) {
        markup();
      } else if (unseen_.empty()) {
        character(rest);
      } else {
        ++at_;
      }
    }
    while (!out_.empty() && kHtmlBlank.contains(out_.back())) out_.pop_back();
    return out_.empty() ? out_ : out_ + "\n";
  }

 private:
  bool begins_markup(std::string_view rest) const {
    if (unseen_ == "script" || unseen_ == "style") return rest.starts_with("</");
    return HtmlScan::begins_element(rest);
  }

  void wish_lines(int lines) {
    lines_ = std::max(lines_, lines);
    blank_ = false;
  }
  // What was wished for between what stands and what comes.
  void settle() {
    if (!begun_) {
      lines_ = 0;
      blank_ = false;
    }
    for (; ended_ < lines_; ++ended_) out_ += '\n';
    if (blank_ && ended_ == 0) out_ += ' ';
    lines_ = 0;
    blank_ = false;
  }
  void put(std::string_view text) {
    settle();
    for (const char c : text) {
      // A lone brace, so that what is put side by side makes no tag.
      if (c == '{') {
        out_ += "{{ '{' }}";
      } else {
        out_ += c;
      }
    }
    begun_ = true;
    ended_ = 0;
  }

  void character(std::string_view rest) {
    std::string made;
    if (kHtmlBlank.contains(rest.front())) {
      blank_ = lines_ == 0;
      ++at_;
    } else if (const std::size_t length = rest.front() == '&' ? read_entity(rest, made) : 0;
               length > 0) {
      if (made == " ") {
        blank_ = lines_ == 0;
      } else {
        put(made);
      }
      at_ += length;
    } else {
      put(rest.substr(0, 1));
      ++at_;
    }
  }

  void output() {
    const std::size_t end = scan_.after_output(at_);
    const std::string_view whole = html_.substr(at_, end - at_);
    at_ = end;
    if (!unseen_.empty()) return;
    settle();
    begun_ = true;
    ended_ = 0;
    out_ += without_markup(whole);
  }

  // A value that is HTML itself loses its tags too.
  static std::string without_markup(std::string_view output) {
    const std::size_t bar = output.rfind('|');
    if (bar == std::string_view::npos || !output.ends_with("}}")) return std::string(output);
    const bool dash = output.ends_with("-}}");
    const std::size_t close = output.size() - (dash ? 3 : 2);
    if (trim_blanks(output.substr(bar + 1, close - bar - 1)) != "raw") return std::string(output);
    return std::string(output.substr(0, close)) + "| strip_html " + (dash ? "-}}" : "}}");
  }

  void tag() {
    const std::size_t end = scan_.after_tag(at_);
    const std::string_view name = HtmlScan::tag_name(html_.substr(at_, end - at_));
    const bool silent = name == "comment" || name == "assign" || name == "#";
    if (unseen_.empty() && !silent) settle();
    out_ += html_.substr(at_, end - at_);
    at_ = end;
  }

  void markup() {
    const std::string_view rest = html_.substr(at_);
    if (rest.starts_with("<!--")) {
      at_ = scan_.after_comment(at_);
      return;
    }
    std::string kept;
    const std::size_t end = scan_.after_element(at_, kept);
    const std::string_view whole = html_.substr(at_, end - at_);
    at_ = end;
    std::string lower = HtmlScan::element_name(whole);
    const bool closes = lower.starts_with('/');
    if (closes) lower.erase(0, 1);
    out_ += kept;
    if (!unseen_.empty()) {
      if (closes && lower == unseen_) unseen_.clear();
    } else if (is_among(kUnseen, lower)) {
      if (!closes) unseen_ = lower;
    } else if (lower == "a") {
      link(whole, closes);
    } else if (lower == "img") {
      attribute_text(HtmlScan::attribute(whole, "alt"));
    } else if (lower == "br") {
      wish_lines(std::min(lines_ + 1, 2));
    } else if (lower == "td" || lower == "th") {
      blank_ = lines_ == 0;
    } else if (is_among(kParagraphs, lower)) {
      wish_lines(2);
    } else if (is_among(kLines, lower)) {
      wish_lines(1);
      if (lower == "li" && !closes) put("- ");
    }
  }

  void link(std::string_view whole, bool closes) {
    if (!closes) {
      link_ = HtmlScan::attribute(whole, "href");
      link_from_ = out_.size();
      return;
    }
    const bool leads = link_.starts_with("http") || link_.starts_with("mailto:") ||
                       link_.starts_with("{{") || link_.starts_with("tel:");
    if (leads && link_.size() < 2000 &&
        !std::string_view(out_).substr(link_from_).contains(link_)) {
      const bool named = out_.size() > link_from_;
      if (named) blank_ = true;
      if (named) put("(");
      attribute_text(link_);
      if (named) put(")");
    }
    link_ = {};
  }

  // Text with Liquid and entities, on one line.
  void attribute_text(std::string_view text) {
    Writer inner(text);
    std::string made = inner.run();
    if (made.ends_with('\n')) made.pop_back();
    if (made.empty()) return;
    settle();
    begun_ = true;
    ended_ = 0;
    out_ += made;
  }

  std::string_view html_;
  HtmlScan scan_;
  std::size_t at_ = 0;
  std::string out_;
  std::string unseen_;  // the element whose content is dropped
  std::string_view link_;
  std::size_t link_from_ = 0;
  int lines_ = 0;       // line ends wished for before what comes next
  int ended_ = 0;       // line ends just written
  bool blank_ = false;  // a blank wished for
  bool begun_ = false;
};

}  // namespace

std::string plain_text_template(std::string_view html) {
  return Writer(html).run();
}

}  // namespace hongyan::message
