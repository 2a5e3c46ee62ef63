#pragma once

#include "base/clock.h"
#include "base/fault.h"
#include "base/json.h"
#include "engine/job/job.h"

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::plan {

// A follow-up plan, as docs/plan.schema.json has it: each step is a job in the making.
struct Plan {
  struct Step {
    Millis delay{0};  // after joining, or after the mail before was accepted
    Json content;     // subject, text, html, variants: members of a job document
  };
  std::string id;
  std::string tenant;
  std::vector<Step> steps;
  std::optional<job::Window> window;     // none: always
  std::int64_t cap_per_day = 0;          // 0: none
  std::int64_t company_cap_per_day = 0;  // 0: none
  bool stop_on_reply = true;
  Json document;
  // SHA-256 of the canonical document: equal for equal content, whatever its spelling.
  std::string digest;
};

// What only the engine can say of a step's job: whether its templates compile.
using Judge = std::function<Faults(const job::Job&)>;

// Every fault at once. Each step is judged as the job it will become.
std::expected<Plan, Faults> parse_plan(std::string_view json, const job::IntakePolicy& policy,
                                       const Judge& judge = {});

// The document of a batch of a step (from 1), cut where the recipients' lines belong: head, lines
// with commas between them, tail. `tz` stands in for the window's; empty: the plan's own.
struct BatchText {
  std::string head, tail;
};
BatchText batch_text(const Plan& plan, std::size_t step, const std::string& job_id,
                     const std::string& tz);

}  // namespace hongyan::plan
