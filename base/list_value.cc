#include "base/list_value.h"

#include "base/json_scan.h"

namespace hongyan {

void assign_json_value(std::string& value, std::string_view json) {
  value = kJsonMark;
  value += json;
}

void assign_text_value(std::string& value, std::string_view text) {
  if (!is_json_value(text)) {
    value.assign(text);
    return;
  }
  value = kJsonMark;
  append_json_string(value, text);
}

}  // namespace hongyan
