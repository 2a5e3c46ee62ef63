// A template from the input's first part, a value from the rest: parse, compile, render, and hold
// the promises about lines.
#include "engine/message/message.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

using namespace hongyan;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  const std::size_t cut = std::min(input.find('\0'), input.size());
  message::Spec spec;
  spec.from_address = "news@acme.example";
  spec.subject = input.substr(0, std::min<std::size_t>(cut, 200));
  spec.text = spec.html = input.substr(0, cut);
  spec.list_unsubscribe = "<https://u.example/{{ a | default: '1' }}>";
  spec.message_id_domain = "acme.example";
  const auto compiled = message::compile(spec);
  if (!compiled) return 0;
  const std::string value = input.substr(std::min(cut + 1, size));
  const std::pair<std::string_view, std::string_view> variables[] = {{"a", value}, {"b", ""}};
  message::Rendered out;
  if (!(*compiled)->render({"li@example.cn", variables, "1", WallTime{}}, out)) return 0;
  std::string wire;
  for (const std::string_view piece : out.pieces()) wire += piece;
  if (!wire.ends_with("\r\n") || wire.size() != out.size()) std::abort();
  for (std::string_view rest = wire; !rest.empty();) {
    const std::size_t end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    if (line.size() > 998 || line.starts_with('.')) std::abort();
    if (line.find_first_of("\r\n") != std::string_view::npos) std::abort();
    rest.remove_prefix(end + 2);
  }
  return 0;
}
