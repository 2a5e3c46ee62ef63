#pragma once

#include "base/address.h"
#include "dns/lookup.h"
#include "mailbox/catalogue/catalogue.h"

#include <string>
#include <string_view>
#include <vector>

namespace hongyan::mailbox {

// Who says that a pair of servers is the right one; in the order of trust.
enum class Origin : unsigned char {
  kCatalogue,  // the domain is the provider's own
  kSrv,        // the domain's SRV records (RFC 6186, RFC 8314)
  kMx,         // the provider that takes the domain's mail
  kGuess,      // nobody: names that are usual
};
std::string_view origin_name(Origin origin);

struct Candidate {
  ServerPair servers;
  Origin origin = Origin::kGuess;
  // Named by the DNS alone, and neither below the user's domain nor a known provider's: whoever
  // forges an answer could collect secrets there. Ask the user first (RFC 6186 6).
  bool outside = false;
};

struct Recognised {
  const Provider* provider = nullptr;  // null: unknown; explicit servers are always possible
  std::vector<Candidate> candidates;   // to be tried in this order
};

// What the DNS says of a domain; empty where it says nothing or could not be asked.
struct MailRecords {
  std::vector<dns::SrvRecord> imaps, imap, submissions, submission;
  std::vector<dns::MxRecord> mx;
};

// The questions of recognise(), for whoever asks them all at once.
std::vector<std::string> srv_names(std::string_view domain);
// Asks what is needed. A domain of the catalogue needs nothing.
MailRecords ask_records(const std::string& domain, dns::Lookup& dns);

// Pure. Of a domain in the catalogue only that counts; of another one SRV, then MX, and when
// neither gives servers, guesses.
Recognised recognise(const Catalogue& catalogue, const Address& address,
                     const MailRecords& records);

// The name to log in with.
std::string user_name(UserName rule, const Address& address);

}  // namespace hongyan::mailbox
