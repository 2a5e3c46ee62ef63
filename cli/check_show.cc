#include "cli/check_show.h"

#include "base/text.h"
#include "cli/output.h"

#include <iostream>

namespace hongyan::cli {
namespace {

using check::Level;

Json count_json(const check::Findings& findings, Level level) {
  return json_number(static_cast<std::int64_t>(findings.count(level)));
}

std::string counted(std::size_t count, const char* one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

}  // namespace

Json check_json(const CheckReport& report) {
  Json list = Json::array();
  for (const check::Finding& finding : report.findings.sorted())
    list.push(Json::object({{"level", Json::string(std::string(level_name(finding.rule->level)))},
                            {"id", Json::string(std::string(finding.rule->id))},
                            {"what", Json::string(finding.what)},
                            {"why", Json::string(std::string(finding.rule->why))},
                            {"todo", Json::string(std::string(finding.rule->todo))}}));
  Json all = Json::object({{"ok", Json::boolean(report.findings.count(Level::kError) == 0)},
                           {"errors", count_json(report.findings, Level::kError)},
                           {"warnings", count_json(report.findings, Level::kWarning)},
                           {"notes", count_json(report.findings, Level::kNote)},
                           {"findings", std::move(list)}});
  for (const auto& [name, section] : report.sections.members()) all.set(name, section);
  return all;
}

void print_check(const CheckReport& report) {
  for (const check::Finding& finding : report.findings.sorted()) {
    std::cout << pad(level_name(finding.rule->level), 8) << finding.rule->id << "  "
              << escape_control(finding.what) << "\n        why  " << finding.rule->why
              << "\n        do   " << finding.rule->todo << '\n';
  }
  std::cout << counted(report.findings.count(Level::kError), "error") << ", "
            << counted(report.findings.count(Level::kWarning), "warning") << ", "
            << counted(report.findings.count(Level::kNote), "note") << '\n';
}

}  // namespace hongyan::cli
