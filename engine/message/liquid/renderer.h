#pragma once

#include "engine/message/liquid/context.h"
#include "engine/message/liquid/node.h"

#include <span>
#include <string>

namespace hongyan::liquid {

// Writes nodes into a string. Each function stops when the context has failed or is interrupted.
class Renderer {
 public:
  explicit Renderer(Context& context) : context_(context) {}

  void run(std::span<const Node> nodes, std::string& out);

 private:
  void render(const TextNode& node, std::string& out);
  void render(const OutputNode& node, std::string& out);
  void render(const AssignNode& node, std::string& out);
  void render(const CaptureNode& node, std::string& out);
  void render(const BranchNode& node, std::string& out);
  void render(const CaseNode& node, std::string& out);
  void render(const ForNode& node, std::string& out);
  void render(const TableNode& node, std::string& out);
  void render(const CycleNode& node, std::string& out);
  void render(const CounterNode& node, std::string& out);
  void render(const InterruptNode& node, std::string& out);
  void render(const ChangedNode& node, std::string& out);
  template <class T>
  void render(const std::unique_ptr<T>& node, std::string& out) {
    render(*node, out);
  }

  void put(const Value& value, std::string& out);
  Array segment(const LoopNode& node);
  std::optional<std::int64_t> number(const std::optional<Expression>& given);

  Context& context_;
};

}  // namespace hongyan::liquid
