#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "engine/dkim/body_hashes.h"
#include "engine/dkim/key.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::dkim {

// Who takes responsibility: d=, s= and the key whose public half stands at s._domainkey.d.
struct Identity {
  std::string domain;    // A-labels, lower case
  std::string selector;  // likewise
  Key key;
};

// What stands to be signed: all that needs the message, and nothing that refers to it. Signatures
// of a draft may be made on another thread.
struct Draft {
  std::string fields;              // the message's signed fields, canonical
  std::vector<std::string> heads;  // per identity: "DKIM-Signature: ... b="
};

// Signs messages with every identity it has, relaxed/relaxed. The same message, time and
// identities give the same bytes.
//
// Thread: const, from any number of threads, each with a BodyHashes of its own.
class Signer {
 public:
  explicit Signer(std::vector<Identity> identities) : identities_(std::move(identities)) {}

  // `message` is CRLF lines in pieces that may end anywhere; `at` goes into t=.
  Draft draft(std::span<const std::string_view> message, WallTime at, BodyHashes& bodies) const;
  // The header fields that stand before the message, folded at 78, each line ended. Nearly all of
  // the time goes here. Error: "signing-failed", scope process.
  Result<std::string> sign(const Draft& draft) const;
  // What sign() will give, in bytes.
  std::size_t size_of(const Draft& draft) const;

  std::span<const Identity> identities() const { return identities_; }

 private:
  std::vector<Identity> identities_;
};

}  // namespace hongyan::dkim
