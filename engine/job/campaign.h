#pragma once

#include "base/error.h"
#include "base/fault.h"
#include "base/json.h"

#include <expected>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace hongyan::job {

// Reads a file named in a campaign; the path is relative to the campaign's folder.
using FileReader = std::function<Result<std::string>(const std::string& path)>;

// CAMPAIGN.toml (or the PLAN.toml of a follow-up plan): the job document in TOML, with text_file
// and html_file instead of text and html where that reads better. What is left out there (id,
// recipients) the caller sets before it takes json(); `v` is filled in.
struct Campaign {
  Json document;
  std::string file;
  std::map<std::string, int, std::less<>> lines;  // path in the document to line in the file

  std::string json() const { return to_json(document); }
  // Faults of parse_job(json()) speak of paths; the author wants file and line. A path that is not
  // in the file keeps its name behind the file's.
  Faults locate(Faults faults) const;
};

// Syntax, files that cannot be read, and values JSON cannot hold are faults here; everything else
// is left to parse_job, so that both say the same.
std::expected<Campaign, Faults> parse_campaign(std::string_view toml, std::string_view file,
                                               const FileReader& read_file);

// Does I/O: the campaign and the files it names.
std::expected<Campaign, Faults> load_campaign(const std::string& path);

}  // namespace hongyan::job
