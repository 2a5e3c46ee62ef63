#pragma once

#include "base/mime/fields.h"
#include "base/mime/mime.h"

#include <string>
#include <string_view>
#include <vector>

namespace hongyan::inbound {

// What a report returns of the message it is about.
struct Original {
  std::vector<std::string> recipients;  // To, Cc, and what mailers note about the envelope
  std::string sender;
  std::string message_id;  // without brackets
  std::string return_path;

  void learn(const mime::Fields& header);
};

// "<a@b>" or "a@b": a@b.
std::string bare_id(std::string_view value);

// Cuts the returned message off the text of a notice and learns from its header, and from the
// summary ("To: ...") that some notices begin with; `own` is not learned there.
std::string_view cut_original(std::string_view text, const std::vector<std::string>& own,
                              Original& original);

// A text that somebody quoted ("> ") as a whole, without the marks; others as they are.
std::string without_quoting(std::string_view text);

}  // namespace hongyan::inbound
