#include "scheduler/pace_state.h"

#include <array>
#include <charconv>
#include <cmath>

namespace hongyan::scheduler {
namespace {

constexpr std::array<std::string_view, 3> kModes = {"normal", "slow", "paused"};
constexpr std::array<std::string_view, 4> kReasons = {"", "refused", "connection-trouble",
                                                      "bad-addresses"};

template <class T>
std::string number(T value) {
  char text[40];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

// Reads fields one by one; remembers the first one that is wrong.
class Reader {
 public:
  explicit Reader(const PaceState::Fields& fields) : fields_(fields) {}

  template <class T>
  void read(const char* name, T& out) {
    const auto found = fields_.find(name);
    if (found == fields_.end()) return;
    const std::string& text = found->second;
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !usable(value)) {
      return note(name);
    }
    out = value;
  }

  void read(const char* name, std::optional<WallTime>& out) {
    if (!fields_.contains(name)) return;
    std::int64_t ms = 0;
    read(name, ms);
    out = from_unix_ms(ms);
  }

  template <class Enum, std::size_t n>
  void read(const char* name, const std::array<std::string_view, n>& names, Enum& out) {
    const auto found = fields_.find(name);
    if (found == fields_.end()) return;
    for (std::size_t i = 0; i < n; ++i) {
      if (names[i] == found->second) {
        out = static_cast<Enum>(i);
        return;
      }
    }
    note(name);
  }

  void read(const char* name, std::string& out) {
    if (const auto found = fields_.find(name); found != fields_.end()) out = found->second;
  }

  const std::string& wrong() const { return wrong_; }

 private:
  static bool usable(double value) { return std::isfinite(value) && value >= 0; }
  static bool usable(std::int64_t value) { return value >= 0; }
  static bool usable(int value) { return value >= 0; }
  void note(const char* name) {
    if (wrong_.empty()) wrong_ = name;
  }

  const PaceState::Fields& fields_;
  std::string wrong_;
};

}  // namespace

std::string_view to_string(Mode mode) {
  return kModes[static_cast<std::size_t>(mode)];
}
std::string_view to_string(PaceReason reason) {
  return kReasons[static_cast<std::size_t>(reason)];
}

PaceState::Fields PaceState::to_fields() const {
  Fields fields = {{"mode", std::string(to_string(mode))}};
  if (reason != PaceReason::kNone) fields["reason"] = to_string(reason);
  if (!reply.empty()) fields["reply"] = reply;
  if (paused_until) fields["paused_until_ms"] = number(to_unix_ms(*paused_until));
  if (refused_at) fields["refused_at_ms"] = number(to_unix_ms(*refused_at));
  if (ceiling > 0) fields["ceiling"] = number(ceiling);
  if (rate > 0) fields["rate"] = number(rate);
  if (hold > Millis{0}) fields["hold_ms"] = number(hold.count());
  if (growth > 0) fields["growth"] = number(growth);
  if (probe_at) fields["probe_at_ms"] = number(to_unix_ms(*probe_at));
  if (window > 0) fields["window"] = number(window);
  if (refusals > 0) fields["refusals"] = number(refusals);
  if (failures > 0) fields["failures"] = number(failures);
  return fields;
}

Result<PaceState> PaceState::from_fields(const Fields& fields) {
  PaceState state;
  std::int64_t hold = 0;
  Reader reader(fields);
  reader.read("mode", kModes, state.mode);
  reader.read("reason", kReasons, state.reason);
  reader.read("reply", state.reply);
  reader.read("paused_until_ms", state.paused_until);
  reader.read("refused_at_ms", state.refused_at);
  reader.read("ceiling", state.ceiling);
  reader.read("rate", state.rate);
  reader.read("hold_ms", hold);
  reader.read("growth", state.growth);
  reader.read("probe_at_ms", state.probe_at);
  reader.read("window", state.window);
  reader.read("refusals", state.refusals);
  reader.read("failures", state.failures);
  state.hold = Millis(hold);
  if (!reader.wrong().empty()) {
    return fail(Scope::kLane, "bad-pace-state", "field " + reader.wrong() + " is unreadable");
  }
  return state;
}

}  // namespace hongyan::scheduler
