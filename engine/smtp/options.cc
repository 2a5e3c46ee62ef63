#include "engine/smtp/options.h"

namespace hongyan::smtp {

std::optional<TlsMode> parse_tls_mode(std::string_view word) {
  if (word == "off") return TlsMode::kOff;
  if (word == "opportunistic") return TlsMode::kOpportunistic;
  if (word == "required") return TlsMode::kRequired;
  if (word == "verified") return TlsMode::kVerified;
  return std::nullopt;
}

}  // namespace hongyan::smtp
