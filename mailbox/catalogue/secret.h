#pragma once

#include "base/secret.h"
#include "mailbox/catalogue/provider.h"

#include <string_view>

namespace hongyan::mailbox {

struct NormalisedSecret {
  Secret secret;
  // Why it cannot be what the provider wants; empty: nothing speaks against it. Tells numbers and
  // kinds of characters only, never one of the secret's own.
  Bilingual warning;
};

// What a user pasted, as the provider wants it: without what copying brings along (blanks and line
// ends around it, zero-width characters), and of codes that a machine made also without blanks and
// hyphens that are for the eye, typographic hyphens and full-width characters written plainly.
NormalisedSecret normalise_secret(const Setup& setup, std::string_view pasted);

}  // namespace hongyan::mailbox
