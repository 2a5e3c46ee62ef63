#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::check {

struct HtmlAttribute {
  std::string name;   // lower case
  std::string value;  // entities as written, but for &amp;
  std::size_t at = 0;
};

struct HtmlTag {
  std::string name;  // lower case; "/a" of an end tag
  std::vector<HtmlAttribute> attributes;
  std::size_t at = 0;
  const HtmlAttribute* find(std::string_view attribute) const;
};

// Tags of a piece of html as a tokenizer sees them (WHATWG HTML 13.2.5), as far as checking an
// author's work needs it: comments and the insides of script and style are skipped.
struct HtmlView {
  std::vector<HtmlTag> tags;
  std::size_t words = 0;              // characters of text that are no blanks
  std::vector<std::size_t> unclosed;  // where a tag, a quote or a comment begins that never ends
};

// `text` is UTF-8; template tags must be masked before.
HtmlView view_html(std::string_view text);

}  // namespace hongyan::check
