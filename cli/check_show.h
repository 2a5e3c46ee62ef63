#pragma once

#include "base/json.h"
#include "engine/check/finding.h"

namespace hongyan::cli {

// What `check` prints beside its findings: sections of facts, in their order.
struct CheckReport {
  check::Findings findings;
  Json sections = Json::object();  // for programs: "list", "cost", "forecast"
};

// One object; `ok` means that there is no error.
Json check_json(const CheckReport& report);
// Findings, worst first, each with its reason and remedy; then the counts.
void print_check(const CheckReport& report);

}  // namespace hongyan::cli
