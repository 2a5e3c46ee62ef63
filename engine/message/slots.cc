#include "engine/message/slots.h"

#include "base/text.h"
#include "engine/message/header.h"

#include <algorithm>

namespace hongyan::message {
namespace {

// Six: the longest HTML escape of one byte is "&quot;".
constexpr std::size_t kMaxValueBytes = (std::size_t{16} << 20) / 6;

}  // namespace

Use Slots::add(const Segment& variable) {
  const auto [found, fresh] = places_.try_emplace(variable.variable, slots_.size());
  if (fresh) slots_.push_back({variable.variable, false, 0});
  Slot& slot = slots_[found->second];
  slot.required = slot.required || !variable.fallback;
  ++slot.uses;
  return {found->second, variable.fallback};
}

Result<void> Slots::resolve(
    std::span<const std::pair<std::string_view, std::string_view>> variables,
    std::vector<std::string_view>& values) const {
  values.clear();
  std::size_t total = 0;
  for (const Slot& slot : slots_) {
    const auto found = std::ranges::find(variables, std::string_view(slot.name),
                                         [](const auto& variable) { return variable.first; });
    if (found == variables.end()) {
      if (slot.required)
        return fail(Scope::kDelivery, "unknown-variable",
                    "the recipient has no variable `" + slot.name + "`, and it has no default");
      values.emplace_back();
      continue;
    }
    const std::string_view value = found->second;
    if (!is_ascii(value) && !is_valid_utf8(value))
      return fail(Scope::kDelivery, "invalid-value", "`" + slot.name + "` is not valid UTF-8");
    if (value.size() > (kMaxValueBytes - total) / slot.uses)
      return fail(Scope::kDelivery, "message-too-large",
                  "with `" + slot.name + "` the values add more than 16 MiB to the message");
    total += value.size() * slot.uses;
    values.push_back(value);
  }
  return {};
}

}  // namespace hongyan::message
