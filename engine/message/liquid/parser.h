#pragma once

#include "engine/message/liquid/expression_parser.h"
#include "engine/message/liquid/lexer.h"
#include "engine/message/liquid/node.h"
#include "engine/message/liquid/problems.h"

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::liquid {

// Builds the tree of a template. A fault within the marks of an output or a tag does not end it, so
// that others are found; one of nesting does.
class Parser {
 public:
  Parser(std::string_view source, Problems& problems)
      : source_(source), problems_(problems), pieces_(source) {}

  void run(Body& body);
  // Names that assign, capture, increment and decrement set.
  std::vector<std::string_view> take_names() { return std::move(names_); }
  bool has_loose_interrupt() const { return has_loose_interrupt_; }

 private:
  // A tag as it comes from `{% %}` or a line of `{% liquid %}`.
  struct Tag {
    std::size_t at = 0;
    std::string_view name;
    std::string_view rest;
  };

  // Until one of `ends`, which is returned; nothing at the end of the source or after a fault that
  // leaves no sense in going on.
  using Names = std::initializer_list<std::string_view>;
  std::optional<Tag> block(Body& body, const Tag& opener, Names ends);
  std::optional<Tag> until(Body& body, Names ends);
  // The next tag, outputs and text before it added to `body`.
  std::optional<Tag> next_tag(Body& body);
  std::optional<Tag> next_line();
  std::optional<Tag> stop(std::size_t at, std::string what);
  void text(Body& body, std::size_t at, std::string_view text);
  bool tag(Body& body, const Tag& tag);
  bool simple_tag(Body& body, const Tag& tag);

  // One for each kind of tag (parse_tags.cc, parse_loops.cc); false ends the parse.
  void output(Body& body, std::size_t at, std::string_view markup);
  void assign(Body& body, const Tag& tag);
  bool capture(Body& body, const Tag& tag);
  bool branches(Body& body, const Tag& tag);
  bool cases(Body& body, const Tag& tag);
  bool clause(CaseNode& node, const Tag& tag);
  bool for_loop(Body& body, const Tag& tag);
  bool table(Body& body, const Tag& tag);
  void loop_head(LoopNode& node, const Tag& tag, bool table);
  void cycle(Body& body, const Tag& tag);
  void counter(Body& body, const Tag& tag, bool down);
  bool changed(Body& body, const Tag& tag);
  bool comment(const Tag& tag);
  bool raw(Body& body, const Tag& tag);
  bool lines(Body& body, const Tag& tag);
  void inline_comment(const Tag& tag);
  std::string_view assigned_name(std::string_view& rest);

  ExpressionParser expressions(std::string_view markup) { return {markup, source_, problems_}; }
  template <class T>
  void add(Body& body, std::size_t at, T form, bool blank) {
    body.nodes.push_back({at, std::move(form)});
    body.blank = body.blank && blank;
  }

  std::string_view source_;
  Problems& problems_;
  std::vector<std::string_view> names_;
  PieceReader pieces_;
  std::optional<std::string_view> lines_;  // what is left of a liquid tag
  bool stopped_ = false;
  bool trims_next_ = false;
  bool has_loose_interrupt_ = false;
  unsigned depth_ = 0;
  unsigned loops_ = 0;
};

}  // namespace hongyan::liquid
