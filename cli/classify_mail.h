#pragma once

#include "engine/inbound/reader.h"

#include <string>
#include <vector>

namespace hongyan::cli {

// `classify --mail`: a line for each recipient that each file reports; a file that reports nobody
// has one line. Says on standard error which files cannot be read; then the result is kFailed.
int classify_mails(const std::vector<std::string>& files, const inbound::Reader& reader, bool json);

}  // namespace hongyan::cli
