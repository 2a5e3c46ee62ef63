#pragma once

#include "base/mime/mime.h"
#include "engine/answer/rules.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::inbound {

// What a mail that came back says about one recipient.
enum class Kind : unsigned char {
  kBounce,       // given up: it will not arrive
  kDelay,        // not yet; the sender need not do anything
  kDelivered,    // arrived, or went where nobody reports any more
  kComplaint,    // a person called it spam
  kUnsubscribe,  // a person wants no more
  kAutoReply,    // a machine answered for a person who is away: counts for nothing
  kOther,        // no report at all
};
// "bounce" ... "auto-reply", and "not-a-report".
std::string_view kind_name(Kind kind);

struct Report {
  Kind kind = Kind::kOther;
  // Who failed, complained or unsubscribed, as the mail spells it; empty: it does not say (many
  // complaints hide it, an auto-reply does not matter).
  std::string recipient;
  // To whom it was sent, where the report knows that this was another address (forwarding).
  std::string original_recipient;
  std::string status;  // "5.1.1", or empty
  answer::Group group = answer::Group::kOther;
  bool suppress = false;    // the reply proves that the address itself is bad
  std::string reply;        // what the receiver said; UTF-8, at most answer::kMostText bytes
  std::string rule;         // "generic/no-such-user", or empty
  std::string message_id;   // of the message it is about, without brackets; empty: unknown
  std::string return_path;  // of that message, where it tells
};

// For people and metrics.
std::string_view refusal_name(mime::Refusal refusal);

struct Reading {
  std::vector<Report> reports;           // never empty; kOther when it is no report
  std::string arrived_for;               // the address it came to: the envelope's, else a header's
  std::optional<mime::Refusal> refusal;  // the one report then is kOther
};

}  // namespace hongyan::inbound
