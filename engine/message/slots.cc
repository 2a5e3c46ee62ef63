#include "engine/message/slots.h"

#include "base/json.h"
#include "base/list_value.h"
#include "base/text.h"
#include "engine/message/header.h"
#include "engine/message/liquid/value.h"

#include <algorithm>

namespace hongyan::message {
namespace {

// Six: the longest HTML escape of one byte is "&quot;".
constexpr std::size_t kMaxValueBytes = (std::size_t{16} << 20) / 6;

// What a template would write. Numbers stay as the list wrote them.
std::optional<std::string_view> text_of(std::string_view json, std::deque<std::string>& texts) {
  if (json == kFalse) return kFalse;
  if (!json.starts_with('[') && !json.starts_with('{') && !json.starts_with('"')) return json;
  const auto parsed = parse_json(json);
  if (!parsed ||
      !liquid::append_text(liquid::Value::of(*parsed), texts.emplace_back(), kMaxValueBytes))
    return std::nullopt;
  return texts.back();
}

}  // namespace

Error unknown_variable(std::string_view name) {
  return {Scope::kDelivery, "unknown-variable",
          "the recipient has no variable `" + std::string(name) + "`, and it has no default"};
}

Error invalid_value(std::string_view name, std::string_view why) {
  return {Scope::kDelivery, "invalid-value", "`" + std::string(name) + "` " + std::string(why)};
}

void Slots::place(Segment& segment) {
  if (segment.kind == Segment::Kind::kLiteral) return;
  if (segment.kind == Segment::Kind::kEvaluated) {
    segment.slot = slots_.size();
    slots_.emplace_back();
    return;
  }
  const auto [found, fresh] = places_.try_emplace(segment.text, slots_.size());
  if (fresh) slots_.push_back({segment.text, false, 0});
  segment.slot = found->second;
  Slot& slot = slots_[segment.slot];
  slot.required = slot.required || !segment.fallback;
  ++slot.uses;
}

Use Slots::use(const Segment& segment) {
  return {segment.slot, segment.fallback, segment.raw || segment.kind == Segment::Kind::kEvaluated};
}

Result<void> Slots::resolve(
    std::span<const std::pair<std::string_view, std::string_view>> variables,
    std::vector<std::string_view>& values, std::deque<std::string>& texts) const {
  values.clear();
  texts.clear();
  std::size_t total = 0;
  for (const Slot& slot : slots_) {
    if (slot.name.empty()) {
      values.emplace_back();
      continue;
    }
    const auto found = std::ranges::find(variables, std::string_view(slot.name),
                                         [](const auto& variable) { return variable.first; });
    if (found == variables.end()) {
      if (slot.required && !accepts_unknown_) return std::unexpected(unknown_variable(slot.name));
      values.emplace_back();
      continue;
    }
    std::string_view value = found->second;
    if (!is_ascii(value) && !is_valid_utf8(value))
      return std::unexpected(invalid_value(slot.name, "is not valid UTF-8"));
    if (is_json_value(value)) {
      const auto text = text_of(json_of_value(value), texts);
      if (!text) return std::unexpected(invalid_value(slot.name, "is too large, or damaged"));
      value = *text;
    }
    if (value.size() > (kMaxValueBytes - total) / slot.uses)
      return fail(Scope::kDelivery, "message-too-large",
                  "with `" + slot.name + "` the values add more than 16 MiB to the message");
    total += value.size() * slot.uses;
    values.push_back(value);
  }
  return {};
}

}  // namespace hongyan::message
