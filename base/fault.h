#pragma once

#include <string>
#include <vector>

namespace hongyan {

// One thing wrong with something a person or program handed in (a document, a file, a flag).
// Readers of input collect every fault before they give up.
struct Fault {
  std::string where;  // "campaign.toml:12", "recipients.list[3].to", "row 17"
  std::string what;   // "is a number; a string is needed"
  std::string hint;   // "did you mean `reply_to`?"; may be empty

  std::string sentence() const {
    return where + ": " + what + (hint.empty() ? "" : " (" + hint + ")");
  }
  friend bool operator==(const Fault&, const Fault&) = default;
};

using Faults = std::vector<Fault>;

}  // namespace hongyan
