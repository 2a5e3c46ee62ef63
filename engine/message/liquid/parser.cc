#include "engine/message/liquid/parser.h"

#include "base/text.h"
#include "engine/message/liquid/characters.h"

#include <algorithm>
#include <array>

namespace hongyan::liquid {
namespace {

constexpr unsigned kMaxDepth = 100;

const std::array<std::string, 22> kTags{
    "assign", "break",     "capture",  "case",   "comment", "continue", "cycle", "decrement",
    "doc",    "echo",      "else",     "elsif",  "endif",   "for",      "if",    "ifchanged",
    "liquid", "increment", "tablerow", "unless", "when",    "raw"};
// What stands only within another tag.
constexpr std::string_view kInner[] = {"else", "elsif", "when"};

std::string quoted(std::string_view text) {
  return "`" + std::string(text) + "`";
}

std::string either(std::initializer_list<std::string_view> names) {
  std::string text;
  for (const std::string_view name : names) {
    if (!text.empty()) text += name == *(names.end() - 1) ? " or " : ", ";
    text += quoted(name);
  }
  return text;
}

}  // namespace

void Parser::run(Body& body) {
  until(body, {});
}

std::optional<Parser::Tag> Parser::stop(std::size_t at, std::string what) {
  if (!stopped_) problems_.add(at, std::move(what));
  stopped_ = true;
  return std::nullopt;
}

void Parser::text(Body& body, std::size_t at, std::string_view text) {
  if (trims_next_) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    trims_next_ = false;
  }
  if (text.empty()) return;
  add(body, at, TextNode{text}, std::ranges::all_of(text, is_space));
}

std::optional<Parser::Tag> Parser::next_line() {
  while (lines_ && !lines_->empty()) {
    const std::size_t end = lines_->find('\n');
    const std::string_view line = lines_->substr(0, end);
    lines_->remove_prefix(end == std::string_view::npos ? lines_->size() : end + 1);
    const auto [name, rest] = split_tag(line);
    const auto at = static_cast<std::size_t>(name.data() - source_.data());
    if (!name.empty()) return Tag{at, name, rest};
    if (!std::ranges::all_of(line, is_space)) return stop(at, "a line begins with a tag's name");
  }
  return std::nullopt;
}

std::optional<Parser::Tag> Parser::next_tag(Body& body) {
  if (lines_) return next_line();
  Piece piece;
  while (!problems_.full() && pieces_.next(piece)) {
    if (piece.kind == Piece::Kind::kText) {
      text(body, piece.at, piece.markup);
      continue;
    }
    if (piece.kind == Piece::Kind::kUnclosed) {
      const bool output = piece.whole.starts_with("{{");
      return stop(piece.at,
                  output ? "`{{` is never closed with `}}`" : "`{%` is never closed with `%}`");
    }
    if (piece.trims_left && !body.nodes.empty())
      if (auto* before = std::get_if<TextNode>(&body.nodes.back().form))
        while (!before->text.empty() && is_space(before->text.back()))
          before->text.remove_suffix(1);
    trims_next_ = piece.trims_right;
    if (piece.kind == Piece::Kind::kOutput) {
      output(body, piece.at, piece.markup);
      continue;
    }
    const auto [name, rest] = split_tag(piece.markup);
    if (!name.empty()) return Tag{piece.at, name, rest};
    problems_.add(piece.at, "a tag begins with its name");
  }
  return std::nullopt;
}

std::optional<Parser::Tag> Parser::until(Body& body, Names ends) {
  while (const auto found = next_tag(body)) {
    if (std::ranges::find(ends, found->name) != ends.end()) return found;
    const bool inner = std::ranges::find(kInner, found->name) != std::end(kInner);
    if (inner || found->name.starts_with("end"))
      return stop(found->at, ends.size() == 0
                                 ? quoted(found->name) + " has nothing to belong to"
                                 : quoted(found->name) + " where " + either(ends) + " is needed");
    if (!tag(body, *found) || problems_.full()) break;
  }
  return std::nullopt;
}

std::optional<Parser::Tag> Parser::block(Body& body, const Tag& opener, Names ends) {
  if (depth_ >= kMaxDepth) return stop(opener.at, "tags are nested too deeply");
  ++depth_;
  const auto found = until(body, ends);
  --depth_;
  if (!found)
    stop(opener.at, quoted(opener.name) + " is never closed with " + quoted(*(ends.end() - 1)));
  return found;
}

bool Parser::tag(Body& body, const Tag& tag) {
  const std::string_view name = tag.name;
  if (name == "if" || name == "unless") return branches(body, tag);
  if (name == "case") return cases(body, tag);
  if (name == "for") return for_loop(body, tag);
  if (name == "tablerow") return table(body, tag);
  if (name == "capture") return capture(body, tag);
  if (name == "ifchanged") return changed(body, tag);
  if (name == "comment") return comment(tag);
  if (name == "raw" || name == "doc") return raw(body, tag);
  if (name == "liquid") return lines(body, tag);
  if (!simple_tag(body, tag)) {
    const auto close = nearest(name, kTags);
    problems_.add(tag.at, "there is no tag " + quoted(name) +
                              (close ? ", but " + quoted(*close) : std::string()));
  }
  return true;
}

bool Parser::simple_tag(Body& body, const Tag& tag) {
  const std::string_view name = tag.name;
  if (name == "assign") {
    assign(body, tag);
  } else if (name == "echo") {
    output(body, tag.at, tag.rest);
  } else if (name == "cycle") {
    cycle(body, tag);
  } else if (name == "increment" || name == "decrement") {
    counter(body, tag, name == "decrement");
  } else if (name == "break" || name == "continue") {
    has_loose_interrupt_ = has_loose_interrupt_ || loops_ == 0;
    add(body, tag.at, InterruptNode{name == "break"}, false);
  } else if (name == "#") {
    inline_comment(tag);
  } else {
    return false;
  }
  return true;
}

bool Parser::lines(Body& body, const Tag& tag) {
  if (depth_ >= kMaxDepth) return stop(tag.at, "tags are nested too deeply").has_value();
  const auto outer = lines_;
  lines_ = tag.rest;
  ++depth_;
  until(body, {});
  --depth_;
  lines_ = outer;
  return !stopped_;
}

bool Parser::comment(const Tag& tag) {
  for (unsigned open = 1; open > 0;) {
    std::optional<Tag> inner;
    if (lines_) {
      inner = next_line();
    } else {
      Piece piece;
      while (!inner && pieces_.next(piece) && piece.kind != Piece::Kind::kUnclosed) {
        if (piece.kind != Piece::Kind::kTag) continue;
        const auto [name, rest] = split_tag(piece.markup);
        inner = Tag{piece.at, name, rest};
        trims_next_ = piece.trims_right;
      }
    }
    if (!inner) return stop(tag.at, "`comment` is never closed with `endcomment`").has_value();
    Body dropped;
    if (inner->name == "raw" && !lines_ && !raw(dropped, *inner)) return false;
    if (inner->name == "comment") ++open;
    if (inner->name == "endcomment") --open;
  }
  return true;
}

// Of `raw` and `doc`: nothing within means anything, but for its end.
bool Parser::raw(Body& body, const Tag& tag) {
  const bool doc = tag.name == "doc";
  const std::string_view end_name = doc ? "enddoc" : "endraw";
  if (!tag.rest.empty()) problems_.add(tag.at, quoted(tag.name) + " takes nothing after its name");
  const std::size_t begin = pieces_.at();
  for (std::size_t at = begin; !lines_; ++at) {
    at = source_.find("{%", at);
    if (at == std::string_view::npos) break;
    const std::size_t close = source_.find("%}", at + 2);
    if (close == std::string_view::npos) break;
    std::string_view markup = source_.substr(at + 2, close - at - 2);
    if (markup.starts_with('-')) markup.remove_prefix(1);
    const std::string_view name = split_tag(markup).name;
    if (doc && name == "doc") problems_.add(at, "`doc` cannot stand within `doc`");
    if (name != end_name) continue;
    trims_next_ = markup.ends_with('-');
    pieces_.skip_to(close + 2);
    const std::string_view text = source_.substr(begin, at - begin);
    if (!doc && !text.empty()) add(body, begin, TextNode{text}, false);
    return true;
  }
  return stop(tag.at, quoted(tag.name) + " is never closed with " + quoted(end_name)).has_value();
}

void Parser::inline_comment(const Tag& tag) {
  std::string_view rest = tag.rest;
  for (std::size_t at = rest.find('\n'); at != std::string_view::npos; at = rest.find('\n')) {
    rest.remove_prefix(at);
    while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
    if (!rest.empty() && rest.front() != '#') {
      problems_.add(static_cast<std::size_t>(rest.data() - source_.data()),
                    "each line of a comment begins with `#`");
      return;
    }
  }
}

}  // namespace hongyan::liquid
