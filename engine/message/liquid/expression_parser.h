#pragma once

#include "engine/message/liquid/expression.h"
#include "engine/message/liquid/lexer.h"
#include "engine/message/liquid/problems.h"

#include <optional>
#include <string_view>
#include <vector>

namespace hongyan::liquid {

// Reads what stands between the marks of an output or a tag. Each function is false (or nothing)
// when a problem was added; then the rest of the markup is of no use.
class ExpressionParser {
 public:
  ExpressionParser(std::string_view markup, std::string_view source, Problems& problems)
      : source_(source), problems_(problems), tokens_(tokenize(markup, source)) {}

  bool expression(Expression& out);
  bool filtered(Filtered& out);    // to the end; nothing at all is nil
  bool condition(Condition& out);  // to the end

  const Token& peek(std::size_t ahead = 0) const;
  bool accept(char punctuation);
  bool accept_name(std::string_view name);
  bool expect(char punctuation);
  std::optional<std::string_view> name();  // any name
  bool at_end() const { return peek().is(Token::Kind::kEnd); }
  bool end();
  bool fail_here(std::string_view wanted);
  // What was read since the token at offset `begin`.
  std::string_view written_since(std::size_t begin) const;

 private:
  bool filter(FilterCall& out);
  bool arguments(FilterCall& out);
  bool comparison(Comparison& out);
  bool range(Expression& out);
  bool lookup(Expression& out);
  const Token& take();

  std::string_view source_;
  Problems& problems_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  unsigned depth_ = 0;
};

}  // namespace hongyan::liquid
