#pragma once

#include "engine/message/liquid/expression.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hongyan::liquid {

struct Node;

struct Body {
  std::vector<Node> nodes;
  bool blank = true;  // nothing in it can write anything but white space
};

struct TextNode {
  std::string_view text;
};
struct OutputNode {
  Filtered value;
};
struct AssignNode {
  std::string_view name;
  Filtered value;
};
struct CaptureNode {
  std::string_view name;
  Body body;
};
// `if`, `unless` and what follows; the first branch that holds is written.
struct BranchNode {
  struct Branch {
    Condition condition;  // empty: else
    bool negated = false;
    Body body;
  };
  std::vector<Branch> branches;
};
// Every clause that holds is written; `else` when none before it did.
struct CaseNode {
  struct Clause {
    std::vector<Expression> values;  // empty: else
    Body body;
  };
  Expression subject;
  std::vector<Clause> clauses;
};
struct LoopNode {
  std::string_view variable;
  std::string name;  // "item-items": what `offset: continue` goes by
  Expression collection;
  std::optional<Expression> limit;
  std::optional<Expression> offset;
  std::optional<Expression> columns;  // of a tablerow
  bool continues = false;
  bool reversed = false;
  Body body;
  Body otherwise;
};
struct ForNode : LoopNode {};
struct TableNode : LoopNode {};
struct CycleNode {
  std::optional<Expression> group;
  std::string name;  // of a cycle without group: its values as written
  std::vector<Expression> values;
};
struct CounterNode {
  std::string_view name;
  bool down = false;
};
struct InterruptNode {
  bool ends_loop = false;  // break; otherwise continue
};
struct ChangedNode {
  Body body;
};

struct Node {
  std::size_t at = 0;
  std::variant<TextNode, OutputNode, AssignNode, std::unique_ptr<CaptureNode>,
               std::unique_ptr<BranchNode>, std::unique_ptr<CaseNode>, std::unique_ptr<ForNode>,
               std::unique_ptr<TableNode>, std::unique_ptr<CycleNode>, CounterNode, InterruptNode,
               std::unique_ptr<ChangedNode>>
      form;
};

}  // namespace hongyan::liquid
