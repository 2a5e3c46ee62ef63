#pragma once

#include "scheduler/reply_policy.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::answer {

// What a refusal is about. The names are those of `classify`, events and reports.
enum class Group : unsigned char {
  kBadMailbox,        // the address does not exist, or nobody uses it any more
  kBadDomain,         // its domain takes no mail
  kFull,              // its mailbox is full
  kRate,              // too much, too fast, too many connections, or a greylist
  kSenderBlocked,     // our source or our sender is not welcome
  kContentPolicy,     // the message, or a rule of the receiver's
  kAuth,              // SPF, DKIM, DMARC
  kNetworkOrExpired,  // no connection, no TLS, a loop, given up
  kRemoteSystem,      // the receiver's own trouble
  kSize,              // message too large
  kOther,
};
std::string_view group_name(Group group);
std::optional<Group> find_group(std::string_view name);

// What a rule concludes; many rules share one.
struct Kind {
  std::string name;
  Group group = Group::kOther;
  // Some 5xx are temporary in truth, some 4xx final. Unset: the reply's first digit decides.
  std::optional<bool> bounced;
  bool suppress = false;  // a bounce proves that the address itself is bad
  scheduler::LaneReaction reaction;
  std::string advice;  // a sentence for operators
};

// A reply that fits all that is given means `kind`.
struct Rule {
  std::string name;                // unique in its family
  std::string match;               // RE2, any case, over "550 5.1.1 text"; empty: any text
  std::string unless;              // RE2 over the same: what else it says that means another thing
  std::vector<std::string> codes;  // beginnings: "550", "55", "4"; empty: any
  std::vector<std::string> statuses;  // "5.1.1"; "x.1.1": of either class; "x.1.x": of the subject
  std::vector<scheduler::Stage> stages;  // empty: any
  bool unmistakable = false;             // nobody else says so: holds for strangers too, first
  std::string kind;
  std::optional<scheduler::LaneReaction> reaction;  // instead of the kind's
  std::string example;                              // a reply that this rule must answer
  std::string place;                                // "configs/bounces/netease.toml:12"
};

// The rules of receivers that speak alike, in order: the first that fits counts.
struct Family {
  std::string name;
  int order = 0;                       // families are asked in this order
  std::vector<std::string> providers;  // empty: any receiver
  std::vector<Rule> rules;
};

struct RuleBook {
  std::vector<Kind> kinds;
  std::vector<Family> families;
};

}  // namespace hongyan::answer
