#pragma once

#include "engine/inbound/judge.h"
#include "engine/inbound/report.h"

#include <string_view>

namespace hongyan::inbound {

// Says what a mail that came to a return path or an unsubscribe address reports: delivery status
// (RFC 3464, 6522, 6533), feedback (RFC 5965), notices in words, auto-replies (RFC 3834), the wish
// to leave. Pure.
//
// Nothing here is proof: anybody can write such a mail. Whoever acts on it first finds the tag of
// the return path, or knows who complains.
//
// Any bytes give an answer, within bounds of time and memory (kMostRead, kMostParts).
//
// Thread: any number, at once.
class Reader {
 public:
  Reader(std::shared_ptr<const answer::Classifier> classifier, ProviderOfHost provider_of_host)
      : judge_(std::move(classifier), std::move(provider_of_host)) {}

  // `arrived_for`: the recipient of its envelope; empty: not known, a header may tell.
  Reading read(std::string_view mail, std::string_view arrived_for) const;

 private:
  Judge judge_;
};

}  // namespace hongyan::inbound
