#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::liquid {

// A template is text, outputs `{{ ... }}` and tags `{% ... %}`. An output or a tag ends at the
// first closing mark, quotes or not, as in the reference.
struct Piece {
  enum class Kind : unsigned char { kText, kOutput, kTag, kUnclosed };
  Kind kind = Kind::kText;
  std::size_t at = 0;        // offset of the first byte in the template
  std::string_view whole;    // with its marks
  std::string_view markup;   // between them, without `-`
  bool trims_left = false;   // `{{-`
  bool trims_right = false;  // `-}}`
};

class PieceReader {
 public:
  explicit PieceReader(std::string_view source) : source_(source) {}
  // False at the end. After kUnclosed nothing follows.
  bool next(Piece& piece);
  // For what is not read in pieces: the offset of the next one.
  std::size_t at() const { return at_; }
  void skip_to(std::size_t at) { at_ = at; }

 private:
  std::string_view source_;
  std::size_t at_ = 0;
};

// The name of a tag, a word or `#`, and what follows it.
struct TagMarkup {
  std::string_view name;
  std::string_view rest;
};
TagMarkup split_tag(std::string_view markup);

// What stands between the marks.
struct Token {
  enum class Kind : unsigned char {
    kName,
    kString,  // text without its quotes
    kNumber,
    kCompare,  // == != <> < > <= >= contains
    kPunctuation,
    kRange,  // ..
    kEnd,
    kBad,  // a character that means nothing, quotes never closed
  };
  Kind kind = Kind::kEnd;
  std::string_view text;
  std::size_t at = 0;  // offset in the template

  bool is(Kind wanted) const { return kind == wanted; }
  bool is(char punctuation) const {
    return kind == Kind::kPunctuation && text.front() == punctuation;
  }
  bool is_name(std::string_view name) const { return kind == Kind::kName && text == name; }
};

// `markup` is a part of `source`. The last token is kEnd; a kBad one is followed by it.
std::vector<Token> tokenize(std::string_view markup, std::string_view source);

bool is_name_start(char c);
bool is_name_character(char c);

}  // namespace hongyan::liquid
