#pragma once

#include "engine/message/liquid/template.h"

#include <string>
#include <string_view>

namespace hongyan::liquid::testing {

// What a template makes of JSON data; "! " and the sentence when something is wrong.
inline std::string say(std::string_view source, std::string_view data = "{}",
                       const Options& options = {}) {
  const auto json = parse_json(data);
  if (!json) return "! data: " + json.error().sentence();
  const auto parsed = Template::parse(source);
  if (!parsed) return "! " + parsed.error().front().sentence();
  const JsonData variables(*json);
  const auto text = render(*parsed, variables, options);
  return text ? *text : "! " + text.error().complaint.sentence();
}

}  // namespace hongyan::liquid::testing
