#include "engine/message/liquid/characters.h"
#include "engine/message/liquid/filter.h"
#include "engine/message/liquid/html.h"

namespace hongyan::liquid {
namespace {

// Of the whole text; memory is counted before it is used.
template <std::string (*change)(std::string_view)>
Value changed(Call& call) {
  const Text text = call.text_of(call.input);
  if (!call.grow(text.view().size())) return {};
  return Value::text(change(text.view()));
}

template <bool left, bool right>
Value stripped(Call& call) {
  const Text text = call.text_of(call.input);
  std::string_view kept = text.view();
  if (left) kept = strip_left(kept);
  if (right) kept = strip_right(kept);
  if (kept.size() == text.view().size()) return Value(Value::Shared(text));
  if (!call.grow(kept.size())) return {};
  return Value(Value::Shared(Text::owned(std::string(kept)).marked_safe(text.safe())));
}

// When one side is HTML already, the other one becomes so first.
Value joined(Call& call, const Text& first, const Text& second) {
  const bool safe = first.safe() || second.safe();
  const std::size_t size = first.view().size() + second.view().size();
  if (!call.grow(size)) return {};
  std::string text;
  text.reserve(size);
  for (const Text* side : {&first, &second}) {
    if (safe && !side->safe()) {
      if (!append_escaped(side->view(), text, 6 * size)) return {};
    } else {
      text += side->view();
    }
  }
  return Value(Value::Shared(Text::owned(std::move(text)).marked_safe(safe)));
}

Value append(Call& call) {
  return joined(call, call.text_of(call.input), call.text_of(call.argument(0)));
}

Value prepend(Call& call) {
  return joined(call, call.text_of(call.argument(0)), call.text_of(call.input));
}

// Instead of nil, false and what is empty; `allow_false: true` keeps false.
Value default_to(Call& call) {
  bool allows_false = false;
  for (const auto& [name, value] : call.named) allows_false = value.truthy();
  const bool absent = allows_false ? call.input.is_nil() : !call.input.truthy();
  if (!absent && !call.input.is_empty()) return call.input;
  return call.count() > 0 ? call.argument(0) : Value::borrowed("");
}

constexpr Filter kFilters[] = {
    {"append", append, 1, 1},
    {"capitalize", changed<capitalize>},
    {"default", default_to, 0, 1, "allow_false"},
    {"downcase", changed<downcase>},
    {"lstrip", stripped<true, false>},
    {"prepend", prepend, 1, 1},
    {"rstrip", stripped<false, true>},
    {"strip", stripped<true, true>},
    {"upcase", changed<upcase>},
};

}  // namespace

std::span<const Filter> string_filters() {
  return kFilters;
}

}  // namespace hongyan::liquid
