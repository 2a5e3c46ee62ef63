#pragma once

#include "base/http/server.h"
#include "engine/config/local.h"
#include "engine/core/late_reports.h"
#include "mailbox/office/tracking.h"

#include <vector>

namespace hongyan::engine {

// Tracked links of jobs and letters lead on (302), the image of an open is one point; both are
// counted at a GET.
// Unsubscribing by link (RFC 8058): POST does it, at once; GET shows a page with a button, for
// scanners follow links. 503 when it could not be stored: nobody is told "done" who is not.
// The token is the last part of the path, whatever a proxy has put before it.
std::vector<http::Route> public_routes(LateReports& reports, mailbox::Tracking& letters);

http::Options public_options(const config::PublicSettings& settings);

}  // namespace hongyan::engine
