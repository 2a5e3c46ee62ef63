#pragma once

#include "engine/inbound/judge.h"
#include "engine/inbound/report.h"

#include <string>
#include <string_view>
#include <vector>

namespace hongyan::inbound {

// One recipient of a delivery status (RFC 3464 2.3; RFC 6533).
struct StatusEntry {
  Kind kind = Kind::kBounce;
  std::string recipient;           // empty: what stands there is no address
  std::string original_recipient;  // where another one
  std::string name;                // as written when it is no address: a local user
  Evidence evidence;
};

struct DeliveryStatus {
  std::vector<StatusEntry> entries;
  std::string message_id;  // Exchange and others repeat it here
};

// At most this many recipients of one report are told; we send to one at a time.
inline constexpr std::size_t kMostRecipients = 100;

// Fields in blocks, as in message/delivery-status; blank lines in wrong places are forgiven.
DeliveryStatus read_delivery_status(std::string_view text);

// True when a text holds such fields where another type should be.
bool holds_delivery_status(std::string_view text);

}  // namespace hongyan::inbound
