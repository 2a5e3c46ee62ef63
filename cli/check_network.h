#pragma once

#include "cli/check_campaign.h"
#include "cli/check_show.h"
#include "engine/check/identity_rules.h"
#include "engine/check/receiver_rules.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hongyan::cli {

// What `check` was told about the world outside.
struct NetworkOptions {
  std::vector<std::string> servers;          // --dns; else the configuration's, the system's
  std::map<std::string, IpAddress> seen_as;  // --seen-as: source to public address
  bool offline = false;
  bool probe = false;
};

// "bulk-a=203.0.113.7"; a sentence when it is not.
std::optional<std::string> add_seen_as(const std::string& text, NetworkOptions& options);

// Asks the DNS about the channel's sources, the domains of From and return path, and the list's
// receivers, which it returns; empty when there is no list. With `probe` it also speaks to the
// return path's host.
std::vector<check::Receiver> check_network(const NetworkOptions& options,
                                           const CheckedCampaign& campaign, const CheckedList& list,
                                           const config::Channel& channel,
                                           const config::Fleet& fleet, const config::Local* local,
                                           CheckReport& report);

}  // namespace hongyan::cli
