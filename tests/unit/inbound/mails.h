#pragma once

#include "engine/inbound/reader.h"

#include <string>
#include <string_view>

namespace hongyan::inbound {

// Reads by the built-in rules.
Reading read_mail(std::string_view mail, std::string_view arrived_for = "");

// "kind recipient status group", a line for each report.
std::string summary(const Reading& reading);
inline std::string summary(std::string_view mail) {
  return summary(read_mail(mail));
}

// A text mail of a mailer.
std::string notice(std::string_view from, std::string_view subject, std::string_view body);

// A multipart/report with these status fields, about a message to li@shop.example.
std::string status_report(std::string_view fields, std::string_view words = "It failed.\n");

}  // namespace hongyan::inbound
