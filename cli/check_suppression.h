#pragma once

#include "cli/check_show.h"
#include "cli/session.h"
#include "engine/check/address_sample.h"

#include <string>

namespace hongyan::cli {

// Which of the sample get no mail of this tenant, as engines will find it.
void check_suppression(Session& session, const std::string& tenant,
                       const check::AddressSample& sample, CheckReport& report);

}  // namespace hongyan::cli
