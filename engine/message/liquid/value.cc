#include "engine/message/liquid/value.h"

#include "engine/message/liquid/number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>

namespace hongyan::liquid {
namespace {

Value number_of(const std::string& text) {
  std::int64_t whole = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (error == std::errc{} && end == text.data() + text.size()) return Value::integer(whole);
  return Value::real(parse_real(text));
}

bool put(std::string_view text, std::string& out, std::size_t limit) {
  if (text.size() > limit || out.size() > limit - text.size()) return false;
  out += text;
  return true;
}

template <class T>
std::string_view digits_of(T value, std::span<char> room) {
  const auto done = std::to_chars(room.data(), room.data() + room.size(), value);
  return {room.data(), static_cast<std::size_t>(done.ptr - room.data())};
}

// Numbers, booleans and ranges look the same wherever they are written.
bool append_scalar(const Value& value, std::string& out, std::size_t limit) {
  char room[24];
  if (const auto* flag = value.as<bool>()) return put(*flag ? "true" : "false", out, limit);
  if (const auto* whole = value.as<std::int64_t>()) return put(digits_of(*whole, room), out, limit);
  if (const auto* real = value.as<double>()) return put(format_real(*real), out, limit);
  if (const auto* range = value.as<Range>())
    return put(digits_of(range->first, room), out, limit) && put("..", out, limit) &&
           put(digits_of(range->last, room), out, limit);
  if (const Drop* drop = value.drop()) return put(drop->name(), out, limit);
  return true;
}

bool append_quoted(std::string_view text, std::string& out, std::size_t limit) {
  if (text.size() > limit || out.size() > limit - text.size()) return false;
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else {
      out += c;
    }
  }
  out += '"';
  return out.size() <= limit;
}

}  // namespace

Value Value::of(const Json& json) {
  switch (json.kind()) {
    case Json::Kind::kNull:
      return {};
    case Json::Kind::kBool:
      return boolean(json.is_true());
    case Json::Kind::kNumber:
      return number_of(json.text());
    case Json::Kind::kString:
      return borrowed(json.text());
    case Json::Kind::kArray: {
      Array items;
      items.reserve(json.items().size());
      for (const Json& item : json.items()) items.push_back(of(item));
      return array(std::move(items));
    }
    case Json::Kind::kObject: {
      Hash members;
      members.reserve(json.members().size());
      for (const auto& [key, value] : json.members())
        members.emplace_back(Text::borrowed(key), of(value));
      return hash(std::move(members));
    }
  }
  return {};
}

const Array* Value::items() const {
  const auto* held = as<std::shared_ptr<const Array>>();
  return held == nullptr ? nullptr : held->get();
}
const Hash* Value::members() const {
  const auto* held = as<std::shared_ptr<const Hash>>();
  return held == nullptr ? nullptr : held->get();
}
const Drop* Value::drop() const {
  const auto* held = as<std::shared_ptr<const Drop>>();
  return held == nullptr ? nullptr : held->get();
}

bool Value::truthy() const {
  const auto* flag = as<bool>();
  return !is_nil() && (flag == nullptr || *flag);
}

bool Value::is_empty() const {
  if (const auto* text = as<Text>()) return text->view().empty();
  if (const Array* array = items()) return array->empty();
  if (const Hash* hash = members()) return hash->empty();
  return false;
}

bool Value::is_blank() const {
  if (!truthy() || is_empty()) return true;
  const auto* text = as<Text>();
  return text != nullptr && text->view().find_first_not_of(" \t\n\v\f\r") == std::string_view::npos;
}

const Value* find_member(const Hash& hash, std::string_view key) {
  const auto found =
      std::ranges::find(hash, key, [](const Member& member) { return member.first.view(); });
  return found == hash.end() ? nullptr : &found->second;
}

bool equal(const Value& a, const Value& b) {
  for (const auto& [side, other] : {std::pair(&a, &b), std::pair(&b, &a)})
    if (const auto* literal = side->as<Literal>()) {
      if (const auto* same = other->as<Literal>()) return *same == *literal;
      return *literal == Literal::kBlank ? other->is_blank() : other->is_empty();
    }
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == 0;
  if (a.is_nil() || b.is_nil()) return a.is_nil() && b.is_nil();
  if (const auto *x = a.as<bool>(), *y = b.as<bool>(); x != nullptr && y != nullptr)
    return *x == *y;
  if (const auto *x = a.as<Text>(), *y = b.as<Text>(); x != nullptr && y != nullptr)
    return x->view() == y->view();
  if (const auto *x = a.as<Range>(), *y = b.as<Range>(); x != nullptr && y != nullptr)
    return x->first == y->first && x->last == y->last;
  if (const Array *x = a.items(), *y = b.items(); x != nullptr && y != nullptr)
    return std::ranges::equal(*x, *y, equal);
  if (const Hash *x = a.members(), *y = b.members(); x != nullptr && y != nullptr)
    return x->size() == y->size() && std::ranges::all_of(*x, [&](const Member& member) {
             const Value* value = find_member(*y, member.first.view());
             return value != nullptr && equal(member.second, *value);
           });
  return a.drop() != nullptr && a.drop() == b.drop();
}

bool append_text(const Value& value, std::string& out, std::size_t limit) {
  if (const auto* text = value.as<Text>()) return put(text->view(), out, limit);
  if (const Array* items = value.items())
    return std::ranges::all_of(*items,
                               [&](const Value& item) { return append_text(item, out, limit); });
  if (value.members() != nullptr) return append_inspected(value, out, limit);
  return append_scalar(value, out, limit);
}

bool append_inspected(const Value& value, std::string& out, std::size_t limit) {
  if (value.is_nil()) return put("nil", out, limit);
  if (const auto* text = value.as<Text>()) return append_quoted(text->view(), out, limit);
  const auto separate = [&, first = true]() mutable {
    return std::exchange(first, false) || put(", ", out, limit);
  };
  if (const Array* items = value.items()) {
    auto between = separate;
    return put("[", out, limit) &&
           std::ranges::all_of(*items,
                               [&](const Value& item) {
                                 return between() && append_inspected(item, out, limit);
                               }) &&
           put("]", out, limit);
  }
  if (const Hash* members = value.members()) {
    auto between = separate;
    return put("{", out, limit) &&
           std::ranges::all_of(*members,
                               [&](const Member& member) {
                                 return between() &&
                                        append_quoted(member.first.view(), out, limit) &&
                                        put("=>", out, limit) &&
                                        append_inspected(member.second, out, limit);
                               }) &&
           put("}", out, limit);
  }
  return append_scalar(value, out, limit);
}

std::string_view kind_name(const Value& value) {
  if (value.is_nil()) return "nil";
  if (value.as<bool>() != nullptr) return "a boolean";
  if (value.is_number()) return "a number";
  if (value.as<Text>() != nullptr) return "a string";
  if (value.items() != nullptr) return "an array";
  if (value.members() != nullptr) return "an object";
  if (value.as<Range>() != nullptr) return "a range";
  return "a literal";
}

}  // namespace hongyan::liquid
