#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hongyan {

// Walks over JSON text (RFC 8259) token by token without building anything: the lexer of Json and
// of recipient lines, where 500,000 lines a second must be read.
//
// The text must be valid UTF-8 already. After a call has failed, error() says what was expected and
// offset() where; further calls fail too.
class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : text_(text) {}

  // The first byte of the next token after blanks, '\0' at the end.
  char peek();
  // Consumes `token` when it is next.
  bool accept(char token);
  bool expect(char token);
  // The unescaped string; lone surrogates are refused (RFC 7493). A string without escapes is only
  // viewed, otherwise `scratch` holds it.
  bool string(std::string_view& out, std::string& scratch);
  // The number as written, grammar checked.
  bool number(std::string_view& out);
  // "true", "false" or "null".
  bool literal(std::string_view& out);
  // Any value as written, its grammar checked; arrays and objects stand at most 32 deep.
  bool value(std::string_view& out);
  bool at_end() { return peek() == '\0' && at_ == text_.size(); }

  bool failed() const { return error_ != nullptr; }
  const char* error() const { return error_; }
  std::size_t offset() const { return at_; }
  bool fail(const char* what);

 private:
  bool escape(std::string& out);
  bool hex4(unsigned& out);
  bool skip(int depth, std::string& scratch);

  std::string_view text_;
  std::size_t at_ = 0;
  const char* error_ = nullptr;
};

// Appends `text` as a quoted JSON string; bytes that are no UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace hongyan
