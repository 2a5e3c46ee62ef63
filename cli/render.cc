#include "base/clock.h"
#include "base/json.h"
#include "cli/command.h"
#include "cli/output.h"
#include "engine/message/liquid/template.h"

#include <expected>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

namespace hongyan::cli {
namespace {

std::expected<std::string, std::string> render_line(std::string_view line, WallTime now) {
  const auto parsed = parse_json(line);
  if (!parsed) return std::unexpected(parsed.error().sentence());
  const Json* source = parsed->find("template");
  const Json* data = parsed->find("data");
  if (source == nullptr || !source->is(Json::Kind::kString))
    return std::unexpected("`template`, a string, is needed");
  if (data != nullptr && !data->is(Json::Kind::kObject))
    return std::unexpected("`data` is " + std::string(data->kind_name()) + "; an object is needed");
  const auto compiled = liquid::Template::parse(source->text());
  if (!compiled) return std::unexpected(compiled.error().front().sentence());
  const Json nothing = Json::object();
  const liquid::JsonData variables(data == nullptr ? nothing : *data);
  liquid::Options options;
  options.now = now;
  auto rendered = liquid::render(*compiled, variables, options);
  if (!rendered) return std::unexpected(rendered.error().complaint.sentence());
  return *std::move(rendered);
}

int render(bool json) {
  const WallTime now = SystemClock().wall();
  std::string line;
  int exit_code = kDone;
  for (std::size_t number = 1; std::getline(std::cin, line); ++number) {
    const auto rendered = render_line(line, now);
    const std::string& text = rendered ? *rendered : rendered.error();
    if (json) {
      print_json(Json::object({{rendered ? "result" : "error", Json::string(text)}}));
    } else if (rendered) {
      std::cout << text << '\n';
    } else {
      std::cerr << "line " << number << ": " << text << '\n';
      exit_code = kFailed;
    }
  }
  return exit_code;
}

}  // namespace

void add_render(CLI::App& app, int& exit_code) {
  const auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand(
      "render",
      "Templates with data: one object with `template` and `data` per line of standard input");
  command->add_flag("--json", *json, "one JSON object a line: {\"result\"} or {\"error\"}");
  command->footer("Example:\n  hongyan render --json < templates.ndjson");
  command->callback([json, &exit_code] { exit_code = render(*json); });
}

}  // namespace hongyan::cli
