#include "cli/plan_answer.h"

namespace hongyan::cli {

std::string text_at(const Json& json, std::string_view name) {
  const Json* value = json.find(name);
  return value == nullptr ? std::string() : value->text();
}

Faults faults_of(const Json& answer) {
  Faults faults;
  if (const Json* list = answer.find("faults"))
    for (const Json& one : list->items())
      faults.push_back({text_at(one, "where"), text_at(one, "what"), text_at(one, "hint")});
  return faults;
}

int nobody_answered(const Common& common) {
  return refuse(common, kTryLater,
                "no engine has answered; nothing was done (hongyan status shows the engines)");
}

}  // namespace hongyan::cli
