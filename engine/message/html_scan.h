#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hongyan::message {

inline constexpr std::string_view kHtmlBlank = " \t\r\n\f";

// Finds its way in HTML with Liquid in it, as its author wrote it: no tree, no judgement. The whole
// of a walk from begin to end is linear in the text.
class HtmlScan {
 public:
  explicit HtmlScan(std::string_view html) : html_(html) {}

  std::string_view html() const { return html_; }
  // Where what begins at `at` is over; of what is never closed, the end of the text.
  std::size_t after_output(std::size_t at) { return after("}}", at, outputs_close_); }
  std::size_t after_comment(std::size_t at) { return after("-->", at, comments_close_); }
  // A tag of Liquid; of `raw` and `comment` all the block.
  std::size_t after_tag(std::size_t at);
  // From `<` to `>`, Liquid and quotes in it notwithstanding; `tags` gets the tags of Liquid.
  std::size_t after_element(std::size_t at, std::string& tags);

  // `<` and what makes a tag, an end tag or a declaration of it.
  static bool begins_element(std::string_view rest);
  static std::string_view tag_name(std::string_view tag);
  // In small letters; "/p" of an end tag.
  static std::string element_name(std::string_view element);
  // The value of an attribute as it is written; a view of `element`.
  static std::string_view attribute(std::string_view element, std::string_view name);

 private:
  // Once `close` was not found it is not looked for again.
  std::size_t after(std::string_view close, std::size_t from, bool& closes) const;

  std::string_view html_;
  bool outputs_close_ = true;
  bool tags_close_ = true;
  bool comments_close_ = true;
};

// Of "&name;" or "&#1234;" at the front: its length in the source, and what it stands for; 0: none.
std::size_t read_entity(std::string_view text, std::string& out);
std::string decode_entities(std::string_view text);

}  // namespace hongyan::message
