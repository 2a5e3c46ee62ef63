#include "engine/message/plain_text.h"

#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace hongyan::message {
namespace {

constexpr std::string_view kBlank = " \t\r\n\f";
constexpr std::string_view kUnseen[] = {"head", "script", "style", "template", "title"};
constexpr std::string_view kParagraphs[] = {"blockquote", "dl", "h1", "h2", "h3",    "h4", "h5",
                                            "h6",         "hr", "ol", "p",  "table", "ul"};
constexpr std::string_view kLines[] = {"address", "article", "center", "dd",     "div",  "dt",
                                       "footer",  "form",    "header", "li",     "main", "nav",
                                       "pre",     "section", "tr",     "caption"};
constexpr std::pair<std::string_view, std::string_view> kEntities[] = {
    {"amp", "&"},   {"apos", "'"},   {"bull", "•"},   {"copy", "©"},  {"euro", "€"},
    {"gt", ">"},    {"hellip", "…"}, {"laquo", "«"},  {"ldquo", "“"}, {"lsquo", "‘"},
    {"lt", "<"},    {"mdash", "—"},  {"middot", "·"}, {"nbsp", " "},  {"ndash", "–"},
    {"pound", "£"}, {"quot", "\""},  {"raquo", "»"},  {"rdquo", "”"}, {"reg", "®"},
    {"rsquo", "’"}, {"times", "×"},  {"trade", "™"},  {"yen", "¥"},   {"zwnj", ""}};

template <std::size_t N>
bool is_among(const std::string_view (&names)[N], std::string_view name) {
  return std::ranges::find(names, name) != std::end(names);
}

void append_code_point(std::uint32_t code, std::string& out) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6), put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  }
}

// Of "&name;" or "&#1234;" at the front: its length in the source, and what it stands for; 0: none.
std::size_t entity(std::string_view text, std::string& out) {
  const std::size_t end = text.substr(0, 12).find(';');
  if (end == std::string_view::npos) return 0;
  std::string_view name = text.substr(1, end - 1);
  const auto known = std::ranges::find(kEntities, name, [](const auto& one) { return one.first; });
  if (known != std::end(kEntities)) {
    out = known->second;
    return end + 1;
  }
  if (!name.starts_with('#')) return 0;
  name.remove_prefix(1);
  const bool hex = name.starts_with('x') || name.starts_with('X');
  if (hex) name.remove_prefix(1);
  std::uint32_t code = 0;
  const auto [at, error] =
      std::from_chars(name.data(), name.data() + name.size(), code, hex ? 16 : 10);
  const bool good = error == std::errc() && at == name.data() + name.size() && code >= ' ' &&
                    code < 0x110000 && (code < 0xD800 || code > 0xDFFF);
  if (!good) return 0;
  out.clear();
  append_code_point(code == 0xA0 ? ' ' : code, out);
  return end + 1;
}

class Writer {
 public:
  explicit Writer(std::string_view html) : html_(html) {}

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
    while (!out_.empty() && kBlank.contains(out_.back())) out_.pop_back();
    return out_.empty() ? out_ : out_ + "\n";
  }

 private:
  bool begins_markup(std::string_view rest) const {
    if (rest.front() != '<' || rest.size() < 2) return false;
    const char c = rest[1];
    if (unseen_ == "script" || unseen_ == "style") return c == '/';
    return c == '/' || c == '!' || c == '?' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  // The end of what `close` ends, or of everything. Once it was not found it is not looked for
  // again: to stay linear.
  std::size_t after(std::string_view close, std::size_t from, bool& exists) const {
    const std::size_t found = exists ? html_.find(close, from) : std::string_view::npos;
    exists = found != std::string_view::npos;
    return exists ? found + close.size() : html_.size();
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
    if (kBlank.contains(rest.front())) {
      blank_ = lines_ == 0;
      ++at_;
    } else if (const std::size_t length = rest.front() == '&' ? entity(rest, made) : 0;
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
    const std::size_t end = after("}}", at_, output_ends_);
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

  static std::string_view tag_name(std::string_view whole) {
    whole.remove_prefix(2);
    if (whole.starts_with('-')) whole.remove_prefix(1);
    whole.remove_prefix(std::min(whole.find_first_not_of(kBlank), whole.size()));
    return whole.substr(0, whole.find_first_of(" \t\r\n\f-%"));
  }

  void tag() {
    std::size_t end = after("%}", at_, tag_ends_);
    const std::string_view name = tag_name(html_.substr(at_, end - at_));
    const bool verbatim = name == "raw" || name == "comment";
    if (verbatim) end = end_of_block(end, name == "raw" ? "endraw" : "endcomment");
    const bool silent = verbatim || name == "assign" || name == "#";
    if (unseen_.empty() && (!silent || name == "raw")) settle();
    out_ += html_.substr(at_, end - at_);
    at_ = end;
  }

  std::size_t end_of_block(std::size_t from, std::string_view closing) {
    for (std::size_t at = from; (at = html_.find("{%", at)) != std::string_view::npos;) {
      const std::size_t end = after("%}", at, tag_ends_);
      if (tag_name(html_.substr(at, end - at)) == closing) return end;
      at = end;
    }
    return html_.size();
  }

  // From `<` to `>`, Liquid and quotes in it notwithstanding: tags of Liquid are kept.
  std::string_view element(std::string& kept) {
    const std::size_t begin = at_;
    char quote = 0;
    for (++at_; at_ < html_.size(); ++at_) {
      const std::string_view rest = html_.substr(at_);
      if (rest.starts_with("{{")) {
        at_ = after("}}", at_, output_ends_) - 1;
      } else if (rest.starts_with("{%")) {
        const std::size_t end = after("%}", at_, tag_ends_);
        kept += html_.substr(at_, end - at_);
        at_ = end - 1;
      } else if (quote != 0) {
        if (rest.front() == quote) quote = 0;
      } else if (rest.front() == '"' || rest.front() == '\'') {
        quote = rest.front();
      } else if (rest.front() == '>') {
        ++at_;
        break;
      }
    }
    at_ = std::min(at_, html_.size());
    return html_.substr(begin, at_ - begin);
  }

  // The value of an attribute as it is written.
  static std::string_view attribute(std::string_view element, std::string_view name) {
    const std::string lower = ascii_lower(element);
    for (std::size_t at = 0; (at = lower.find(name, at)) != std::string::npos; at += name.size()) {
      std::size_t value = lower.find_first_not_of(kBlank, at + name.size());
      if (at == 0 || !kBlank.contains(lower[at - 1]) || value == std::string::npos ||
          lower[value] != '=')
        continue;
      value = lower.find_first_not_of(kBlank, value + 1);
      if (value == std::string::npos) return {};
      if (lower[value] == '"' || lower[value] == '\'') {
        const std::size_t end = lower.find(lower[value], value + 1);
        return end == std::string::npos ? std::string_view()
                                        : element.substr(value + 1, end - value - 1);
      }
      return element.substr(value, lower.find_first_of(" \t\r\n\f>", value) - value);
    }
    return {};
  }

  void markup() {
    const std::string_view rest = html_.substr(at_);
    if (rest.starts_with("<!--")) {
      at_ = after("-->", at_, comment_ends_);
      return;
    }
    std::string kept;
    const std::string_view whole = element(kept);
    std::string_view name = whole.substr(1);
    const bool closes = name.starts_with('/');
    if (closes) name.remove_prefix(1);
    const std::string lower = ascii_lower(name.substr(0, name.find_first_of(" \t\r\n\f/>{")));
    out_ += kept;
    if (!unseen_.empty()) {
      if (closes && lower == unseen_) unseen_.clear();
    } else if (is_among(kUnseen, lower)) {
      if (!closes) unseen_ = lower;
    } else if (lower == "a") {
      link(whole, closes);
    } else if (lower == "img") {
      attribute_text(attribute(whole, "alt"));
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
      link_ = attribute(whole, "href");
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
  std::size_t at_ = 0;
  std::string out_;
  std::string unseen_;  // the element whose content is dropped
  std::string_view link_;
  std::size_t link_from_ = 0;
  int lines_ = 0;       // line ends wished for before what comes next
  int ended_ = 0;       // line ends just written
  bool blank_ = false;  // a blank wished for
  bool begun_ = false;
  bool output_ends_ = true;
  bool tag_ends_ = true;
  bool comment_ends_ = true;
};

}  // namespace

std::string plain_text_template(std::string_view html) {
  return Writer(html).run();
}

}  // namespace hongyan::message
