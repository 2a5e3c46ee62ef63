#include "cli/classify_mail.h"

#include "base/mime/mime.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/output.h"

#include <fstream>
#include <iostream>
#include <optional>

namespace hongyan::cli {
namespace {

// As much as the reader looks at.
std::optional<std::string> load_front(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string bytes(mime::kMostRead, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad() || (bytes.empty() && !file.eof())) return std::nullopt;
  return bytes;
}

Json to_object(const std::string& file, const inbound::Reading& reading,
               const inbound::Report& report) {
  const auto text = [](std::string_view value) { return Json::string(escape_control(value)); };
  Json object = Json::object({{"file", text(file)},
                              {"kind", text(kind_name(report.kind))},
                              {"recipient", text(report.recipient)},
                              {"status", text(report.status)},
                              {"group", text(answer::group_name(report.group))},
                              {"suppress", Json::boolean(report.suppress)},
                              {"rule", text(report.rule)},
                              {"reply", text(report.reply)},
                              {"message_id", text(report.message_id)},
                              {"arrived_for", text(reading.arrived_for)}});
  if (!report.original_recipient.empty())
    object.set("original_recipient", text(report.original_recipient));
  if (reading.refusal) object.set("refused", text(inbound::refusal_name(*reading.refusal)));
  return object;
}

}  // namespace

int classify_mails(const std::vector<std::string>& files, const inbound::Reader& reader,
                   bool json) {
  int exit_code = kDone;
  for (const std::string& file : files) {
    const auto bytes = load_front(file);
    if (!bytes) {
      std::cerr << escape_control(file) << ": cannot be read\n";
      exit_code = kFailed;
      continue;
    }
    const inbound::Reading reading = reader.read(*bytes, "");
    for (const inbound::Report& report : reading.reports) {
      if (json) {
        print_json(to_object(file, reading, report));
        continue;
      }
      std::cout << escape_control(file) << '\t'
                << (reading.refusal ? inbound::refusal_name(*reading.refusal)
                                    : kind_name(report.kind))
                << '\t' << escape_control(report.recipient) << '\t' << report.status << '\t'
                << answer::group_name(report.group) << '\t' << escape_control(report.reply) << '\n';
    }
  }
  return exit_code;
}

}  // namespace hongyan::cli
