#include "engine/message/liquid/evaluate.h"
#include "engine/message/liquid/number.h"
#include "engine/message/liquid/renderer.h"

#include <algorithm>
#include <memory>

namespace hongyan::liquid {
namespace {

Value count(std::size_t number) {
  return Value::integer(static_cast<std::int64_t>(number));
}

// What `forloop` and `tablerowloop` have in common.
class Loop : public Drop {
 public:
  explicit Loop(std::size_t length) : length_(length) {}
  void advance() { ++index_; }

  bool find(std::string_view key, Value& out) const override {
    if (key == "length") {
      out = count(length_);
    } else if (key == "index") {
      out = count(index_ + 1);
    } else if (key == "index0") {
      out = count(index_);
    } else if (key == "rindex") {
      out = count(length_ - index_);
    } else if (key == "rindex0") {
      out = count(length_ - index_ - 1);
    } else if (key == "first") {
      out = Value::boolean(index_ == 0);
    } else if (key == "last") {
      out = Value::boolean(index_ + 1 == length_);
    } else {
      return false;
    }
    return true;
  }

 protected:
  std::size_t length_;
  std::size_t index_ = 0;
};

class ForLoop : public Loop {
 public:
  ForLoop(std::size_t length, std::string_view name, Value parent)
      : Loop(length), name_(name), parent_(std::move(parent)) {}

  bool find(std::string_view key, Value& out) const override {
    if (key == "name") {
      out = Value::borrowed(name_);
    } else if (key == "parentloop") {
      out = parent_;
    } else {
      return Loop::find(key, out);
    }
    return true;
  }
  std::string_view name() const override { return "Liquid::ForloopDrop"; }

 private:
  std::string_view name_;
  Value parent_;
};

class TableLoop : public Loop {
 public:
  TableLoop(std::size_t length, std::size_t columns) : Loop(length), columns_(columns) {}

  std::size_t column() const { return columns_ == 0 ? index_ : index_ % columns_; }
  std::size_t row() const { return columns_ == 0 ? 0 : index_ / columns_; }
  bool ends_row() const { return column() + 1 == columns_; }

  bool find(std::string_view key, Value& out) const override {
    if (key == "col") {
      out = count(column() + 1);
    } else if (key == "col0") {
      out = count(column());
    } else if (key == "row") {
      out = count(row() + 1);
    } else if (key == "col_first") {
      out = Value::boolean(column() == 0);
    } else if (key == "col_last") {
      out = Value::boolean(ends_row());
    } else {
      return Loop::find(key, out);
    }
    return true;
  }
  std::string_view name() const override { return "Liquid::TablerowloopDrop"; }

 private:
  std::size_t columns_;
};

}  // namespace

std::optional<std::int64_t> Renderer::number(const std::optional<Expression>& given) {
  if (!given) return std::nullopt;
  const Value value = evaluate(*given, context_);
  if (value.is_nil()) return std::nullopt;
  const auto whole = to_integer(value);
  if (!whole) {
    context_.at(given->at);
    context_.fail("a whole number is needed");
  }
  return whole;
}

// The items between offset and limit.
Array Renderer::segment(const LoopNode& node) {
  const Value collection = evaluate(node.collection, context_);
  std::int64_t from = number(node.offset).value_or(0);
  if (node.continues) from = context_.offsets[node.name];
  const auto limit = number(node.limit);
  const auto taken = [&](std::size_t size) {  // of so many: from where, how many
    const auto whole = static_cast<std::int64_t>(size);
    const std::int64_t begin = std::clamp<std::int64_t>(from, 0, whole);
    std::int64_t end = whole;
    std::int64_t wanted = 0;
    if (limit && !__builtin_add_overflow(from, *limit, &wanted))
      end = std::clamp(wanted, begin, whole);
    const auto kept = static_cast<std::size_t>(end - begin);
    if (!context_.spend(kept)) return std::pair<std::size_t, std::size_t>(0, 0);
    return std::pair(static_cast<std::size_t>(begin), kept);
  };
  Array items;
  if (const Array* array = collection.items()) {
    const auto [begin, kept] = taken(array->size());
    const auto first = array->begin() + static_cast<std::ptrdiff_t>(begin);
    items.assign(first, first + static_cast<std::ptrdiff_t>(kept));
  } else if (const Hash* members = collection.members()) {
    const auto [begin, kept] = taken(members->size());
    for (std::size_t i = begin; i < begin + kept; ++i)
      items.push_back(
          Value::array({Value(Value::Shared((*members)[i].first)), (*members)[i].second}));
  } else if (const auto* range = collection.as<Range>()) {
    const auto [begin, kept] =
        taken(std::min<std::uint64_t>(range->size(), std::numeric_limits<std::int64_t>::max()));
    for (std::size_t i = 0; i < kept; ++i)
      items.push_back(Value::integer(range->first + static_cast<std::int64_t>(begin + i)));
  } else if (const auto* text = collection.as<Text>(); text != nullptr && !text->view().empty()) {
    items.push_back(collection);  // a string is one item, whatever the offset
  }
  if (context_.failed()) return {};
  context_.offsets[node.name] = from + static_cast<std::int64_t>(items.size());
  if (node.reversed) std::ranges::reverse(items);
  return items;
}

void Renderer::render(const ForNode& node, std::string& out) {
  const Array items = segment(node);
  if (context_.failed()) return;
  if (items.empty()) return run(node.otherwise.nodes, out);
  Value parent = context_.find("forloop").value_or(Value());
  if (parent.drop() == nullptr) parent = Value();
  const auto loop = std::make_shared<ForLoop>(items.size(), node.name, std::move(parent));
  context_.push_scope();
  context_.set_local("forloop", Value(Value::Shared(std::shared_ptr<const Drop>(loop))));
  for (const Value& item : items) {
    if (!context_.spend(1)) break;
    context_.set_local(node.variable, item);
    run(node.body.nodes, out);
    loop->advance();
    if (std::exchange(context_.interrupt, Interrupt::kNone) == Interrupt::kBreak) break;
    if (context_.failed()) break;
  }
  context_.pop_scope();
}

void Renderer::render(const TableNode& node, std::string& out) {
  if (evaluate(node.collection, context_).is_nil()) return;
  const Array items = segment(node);
  const std::int64_t columns =
      node.columns ? number(node.columns).value_or(0) : static_cast<std::int64_t>(items.size());
  if (context_.failed()) return;
  const auto loop = std::make_shared<TableLoop>(
      items.size(), static_cast<std::size_t>(std::max<std::int64_t>(columns, 0)));
  context_.write("<tr class=\"row1\">\n", out);
  context_.push_scope();
  context_.set_local("tablerowloop", Value(Value::Shared(std::shared_ptr<const Drop>(loop))));
  for (std::size_t i = 0; i < items.size() && context_.spend(1); ++i) {
    context_.set_local(node.variable, items[i]);
    context_.write("<td class=\"col" + std::to_string(loop->column() + 1) + "\">", out);
    run(node.body.nodes, out);
    context_.write("</td>", out);
    if (std::exchange(context_.interrupt, Interrupt::kNone) == Interrupt::kBreak) break;
    if (loop->ends_row() && i + 1 < items.size())
      context_.write("</tr>\n<tr class=\"row" + std::to_string(loop->row() + 2) + "\">", out);
    loop->advance();
  }
  context_.pop_scope();
  context_.write("</tr>\n", out);
}

}  // namespace hongyan::liquid
