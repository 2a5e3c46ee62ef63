#include "engine/message/liquid/renderer.h"

#include "engine/message/liquid/evaluate.h"
#include "engine/message/liquid/html.h"

namespace hongyan::liquid {

void Renderer::run(std::span<const Node> nodes, std::string& out) {
  for (const Node& node : nodes) {
    context_.at(node.at);
    if (!context_.spend(1)) return;
    std::visit([&](const auto& form) { render(form, out); }, node.form);
    if (context_.failed() || context_.interrupt != Interrupt::kNone) return;
  }
}

void Renderer::render(const TextNode& node, std::string& out) {
  context_.write(node.text, out);
}

void Renderer::put(const Value& value, std::string& out) {
  const auto* text = value.as<Text>();
  if (!context_.options().escapes_html || value.is_number() || (text != nullptr && text->safe())) {
    context_.write(value, out);
    return;
  }
  std::string made;
  if (text == nullptr && !context_.write(value, made)) return;
  const std::string_view plain = text == nullptr ? std::string_view(made) : text->view();
  if (!append_escaped(plain, out, context_.options().limits.output)) context_.too_large();
}

void Renderer::render(const OutputNode& node, std::string& out) {
  const Value value = evaluate(node.value, context_);
  context_.at(node.value.subject.at);
  put(value, out);
}

void Renderer::render(const AssignNode& node, std::string&) {
  context_.assign(node.name, evaluate(node.value, context_));
}

void Renderer::render(const CaptureNode& node, std::string&) {
  std::string captured;
  run(node.body.nodes, captured);
  if (!context_.grow(captured.size())) return;
  // In HTML its outputs are escaped already.
  context_.assign(node.name, Value(Value::Shared(Text::owned(std::move(captured)).marked_safe())));
}

void Renderer::render(const BranchNode& node, std::string& out) {
  for (const BranchNode::Branch& branch : node.branches) {
    const bool chosen =
        branch.condition.empty() || holds(branch.condition, context_) != branch.negated;
    if (context_.failed()) return;
    if (chosen) return run(branch.body.nodes, out);
  }
}

void Renderer::render(const CaseNode& node, std::string& out) {
  const Value subject = evaluate(node.subject, context_);
  bool matched = false;
  for (const CaseNode::Clause& clause : node.clauses) {
    if (clause.values.empty() && !matched) run(clause.body.nodes, out);
    for (const Expression& value : clause.values) {
      if (context_.failed() || context_.interrupt != Interrupt::kNone) return;
      if (!equal(subject, evaluate(value, context_))) continue;
      matched = true;
      run(clause.body.nodes, out);
    }
    if (context_.failed() || context_.interrupt != Interrupt::kNone) return;
  }
}

void Renderer::render(const CycleNode& node, std::string& out) {
  std::string key = "n" + node.name;
  if (node.group) {
    key = "g";
    if (!append_inspected(evaluate(*node.group, context_), key, context_.memory_left())) {
      context_.too_large();
      return;
    }
  }
  std::size_t& turn = context_.cycles[key];
  if (turn < node.values.size()) put(evaluate_known(node.values[turn], context_), out);
  turn = turn + 1 >= node.values.size() ? 0 : turn + 1;
}

void Renderer::render(const CounterNode& node, std::string& out) {
  std::int64_t& counter = context_.counter(node.name);
  if (node.down) {
    context_.write(Value::integer(--counter), out);
  } else {
    context_.write(Value::integer(counter++), out);
  }
}

void Renderer::render(const InterruptNode& node, std::string&) {
  context_.interrupt = node.ends_loop ? Interrupt::kBreak : Interrupt::kContinue;
}

void Renderer::render(const ChangedNode& node, std::string& out) {
  std::string now;
  run(node.body.nodes, now);
  if (now == context_.last_change || !context_.grow(now.size())) return;
  context_.write(now, out);
  context_.last_change = std::move(now);
}

}  // namespace hongyan::liquid
