#include "engine/message/liquid/characters.h"
#include "engine/message/liquid/parser.h"

#include <algorithm>

namespace hongyan::liquid {
namespace {

// A block that can write nothing but white space writes nothing.
void drop_blank_text(Body& body) {
  std::erase_if(body.nodes,
                [](const Node& node) { return std::holds_alternative<TextNode>(node.form); });
}

bool belongs_to_name(char c) {
  return is_name_character(c) || std::string_view(".[]()").contains(c);
}

}  // namespace

void Parser::output(Body& body, std::size_t at, std::string_view markup) {
  OutputNode node;
  if (expressions(markup).filtered(node.value)) add(body, at, std::move(node), false);
}

std::string_view Parser::assigned_name(std::string_view& rest) {
  const auto end = std::ranges::find_if_not(rest, belongs_to_name);
  const auto size = static_cast<std::size_t>(end - rest.begin());
  const std::string_view name = rest.substr(0, size);
  rest.remove_prefix(size);
  while (!rest.empty() && is_space(rest.front())) rest.remove_prefix(1);
  if (!name.empty()) names_.push_back(name);
  return name;
}

void Parser::assign(Body& body, const Tag& tag) {
  std::string_view rest = tag.rest;
  AssignNode node;
  node.name = assigned_name(rest);
  if (node.name.empty() || !rest.starts_with('=')) {
    problems_.add(tag.at, "`assign` needs a name, `=` and a value");
    return;
  }
  if (expressions(rest.substr(1)).filtered(node.value)) add(body, tag.at, std::move(node), true);
}

bool Parser::capture(Body& body, const Tag& tag) {
  std::string_view rest = tag.rest;
  if (rest.size() > 1 && (rest.front() == '"' || rest.front() == '\'') &&
      rest.front() == rest.back())
    rest = rest.substr(1, rest.size() - 2);
  auto node = std::make_unique<CaptureNode>();
  node->name = assigned_name(rest);
  if (node->name.empty() || !rest.empty()) problems_.add(tag.at, "`capture` needs a name");
  if (!block(node->body, tag, {"endcapture"})) return false;
  add(body, tag.at, std::move(node), true);
  return true;
}

bool Parser::branches(Body& body, const Tag& tag) {
  const bool unless = tag.name == "unless";
  const std::string_view end_name = unless ? "endunless" : "endif";
  auto node = std::make_unique<BranchNode>();
  Tag next = tag;
  bool blank = true;
  while (next.name != end_name) {
    BranchNode::Branch& branch = node->branches.emplace_back();
    branch.negated = unless && node->branches.size() == 1;
    if (next.name != "else") expressions(next.rest).condition(branch.condition);
    const auto end = block(branch.body, tag, {"elsif", "else", end_name});
    if (!end) return false;
    blank = blank && branch.body.blank;
    next = *end;
  }
  if (blank)
    for (BranchNode::Branch& branch : node->branches) drop_blank_text(branch.body);
  add(body, tag.at, std::move(node), blank);
  return true;
}

bool Parser::cases(Body& body, const Tag& tag) {
  auto node = std::make_unique<CaseNode>();
  ExpressionParser subject = expressions(tag.rest);
  if (subject.expression(node->subject)) subject.end();
  Body before;  // of the first clause: never written
  auto next = block(before, tag, {"when", "else", "endcase"});
  bool blank = before.blank;
  while (next && next->name != "endcase") {
    CaseNode::Clause& clause = node->clauses.emplace_back();
    if (next->name == "when") {
      ExpressionParser values = expressions(next->rest);
      bool good = true;
      do {
        good = values.expression(clause.values.emplace_back());
      } while (good && (values.accept(',') || values.accept_name("or")));
      if (good) values.end();
    }
    next = block(clause.body, tag, {"when", "else", "endcase"});
    blank = blank && clause.body.blank;
  }
  if (!next) return false;
  if (blank)
    for (CaseNode::Clause& clause : node->clauses) drop_blank_text(clause.body);
  add(body, tag.at, std::move(node), blank);
  return true;
}

void Parser::loop_head(LoopNode& node, const Tag& tag, bool table) {
  ExpressionParser head = expressions(tag.rest);
  const auto variable = head.name();
  if (!variable || !head.accept_name("in")) {
    problems_.add(tag.at, "`" + std::string(tag.name) + "` needs `name in items`");
    return;
  }
  node.variable = *variable;
  if (!head.expression(node.collection)) return;
  node.name = std::string(*variable) + "-" + std::string(head.written_since(node.collection.at));
  for (;;) {
    head.accept(',');
    if (head.at_end()) return;
    if (!table && head.accept_name("reversed")) {
      node.reversed = true;
      continue;
    }
    std::optional<Expression>* place = nullptr;
    if (head.peek().is_name("limit")) place = &node.limit;
    if (head.peek().is_name("offset")) place = &node.offset;
    if (head.peek().is_name("cols") && table) place = &node.columns;
    if (place == nullptr) {
      head.fail_here(table ? "`cols`, `limit` or `offset`" : "`limit`, `offset` or `reversed`");
      return;
    }
    head.name();
    if (!head.expect(':')) return;
    if (place == &node.offset && head.accept_name("continue")) {
      node.continues = true;
      continue;
    }
    if (!head.expression(place->emplace())) return;
  }
}

bool Parser::for_loop(Body& body, const Tag& tag) {
  auto node = std::make_unique<ForNode>();
  loop_head(*node, tag, false);
  ++loops_;
  auto end = block(node->body, tag, {"else", "endfor"});
  --loops_;
  bool blank = node->body.blank;
  while (end && end->name == "else") {
    Body again;  // of several, the last one counts
    end = block(again, tag, {"else", "endfor"});
    blank = blank && again.blank;
    node->otherwise = std::move(again);
  }
  if (!end) return false;
  if (blank) {
    drop_blank_text(node->body);
    drop_blank_text(node->otherwise);
  }
  add(body, tag.at, std::move(node), blank);
  return true;
}

bool Parser::table(Body& body, const Tag& tag) {
  auto node = std::make_unique<TableNode>();
  loop_head(*node, tag, true);
  ++loops_;
  const auto end = block(node->body, tag, {"endtablerow"});
  --loops_;
  if (!end) return false;
  const bool blank = node->body.blank;
  add(body, tag.at, std::move(node), blank);
  return true;
}

void Parser::cycle(Body& body, const Tag& tag) {
  ExpressionParser words = expressions(tag.rest);
  auto node = std::make_unique<CycleNode>();
  if (!words.expression(node->values.emplace_back())) return;
  if (words.accept(':')) {
    node->group = std::move(node->values.back());
    if (!words.expression(node->values.back())) return;
  }
  while (words.accept(',') && !words.at_end())
    if (!words.expression(node->values.emplace_back())) return;
  if (!words.end()) return;
  for (const Expression& value : node->values) {
    const auto* literal = std::get_if<Value>(&value.form);
    // Values that may change are no name: such a cycle stands for itself.
    if (literal == nullptr) {
      node->name += "@" + std::to_string(tag.at);
    } else {
      append_inspected(*literal, node->name, source_.size() * 3 + 64);
    }
    node->name += ',';
  }
  add(body, tag.at, std::move(node), false);
}

void Parser::counter(Body& body, const Tag& tag, bool down) {
  std::string_view rest = tag.rest;
  const std::string_view name = assigned_name(rest);
  if (name.empty() || !rest.empty()) {
    problems_.add(tag.at, "`" + std::string(tag.name) + "` needs a name");
    return;
  }
  add(body, tag.at, CounterNode{name, down}, false);
}

bool Parser::changed(Body& body, const Tag& tag) {
  auto node = std::make_unique<ChangedNode>();
  if (!block(node->body, tag, {"endifchanged"})) return false;
  const bool blank = node->body.blank;
  add(body, tag.at, std::move(node), blank);
  return true;
}

}  // namespace hongyan::liquid
