#include "cli/late_marks.h"

#include "store/keys.h"

#include <array>
#include <charconv>

namespace hongyan::cli {
namespace {

constexpr std::array<std::string_view, 3> kKinds = {"bounce", "complaint", "unsubscribe"};

}  // namespace

redis::Command ask_late_marks(const std::string& id, std::uint64_t chunk, std::size_t first,
                              std::size_t last) {
  redis::Command command("HMGET");
  command.arg(store::keys::late(id));
  for (std::size_t i = first; i < last; ++i)
    for (const std::string_view kind : kKinds)
      command.arg(std::to_string(chunk) + ' ' + std::to_string(i) + ' ' + std::string(kind));
  return command;
}

std::vector<LateMark> late_marks_of(const redis::Reply& answer, std::uint32_t index) {
  std::vector<LateMark> marks;
  const auto values = answer.array();
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    const std::size_t at = index * kKinds.size() + i;
    if (at >= values.size() || values[at].is_nil()) continue;
    const std::string_view text = values[at].text();  // "ms status"
    LateMark mark{kKinds[i], 0, {}};
    const auto [rest, bad] = std::from_chars(text.data(), text.data() + text.size(), mark.at_ms);
    if (bad == std::errc{} && rest != text.data() + text.size())
      mark.status = std::string(rest + 1, text.data() + text.size());
    marks.push_back(std::move(mark));
  }
  return marks;
}

std::string late_text(const std::vector<LateMark>& marks) {
  std::string text;
  for (const LateMark& mark : marks) {
    if (!text.empty()) text += ", ";
    text += mark.kind;
    if (!mark.status.empty()) text += ' ' + mark.status;
  }
  return text;
}

}  // namespace hongyan::cli
