// A template from the input's first part, a JSON object from the rest: parse, evaluate within
// limits, and hold what the language promises; then what is made of it as HTML.
#include "base/json.h"
#include "base/text.h"
#include "engine/message/liquid/template.h"
#include "engine/message/plain_text.h"
#include "engine/message/tracked.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

using namespace hongyan;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  const std::size_t cut = std::min(input.find('\0'), input.size());
  const std::string source = input.substr(0, cut);
  if (!is_valid_utf8(source)) return 0;
  const auto parsed = liquid::Template::parse(source);
  if (!parsed && parsed.error().empty()) std::abort();

  auto json = parse_json(input.substr(std::min(cut + 1, size)));
  const Json object = json && json->is(Json::Kind::kObject) ? *std::move(json) : Json::object();
  const liquid::JsonData variables(object);
  for (const bool html : {false, true}) {
    if (!parsed) break;
    liquid::Options options;
    options.limits = {20'000, 64 * 1024, 1024 * 1024};
    options.escapes_html = options.refuses_unknown = html;
    const auto text = liquid::render(*parsed, variables, options);
    if (text && (text->size() > options.limits.output || !is_valid_utf8(*text))) std::abort();
  }

  // Nothing but links may change, and a template stays one.
  const message::Tracked same = message::track(source, false, false);
  if (same.html != source || !same.links.empty()) std::abort();
  const message::Tracked tracked = message::track(source, true, true);
  for (const std::string& link : tracked.links)
    if (!link.contains("://") || link.find_first_of(" \r\n") != std::string::npos) std::abort();
  if (parsed && !liquid::Template::parse(tracked.html)) std::abort();
  if (!is_valid_utf8(message::plain_text_template(source))) std::abort();
  return 0;
}
