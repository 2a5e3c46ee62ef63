#pragma once

#include "base/json.h"

#include <string>
#include <string_view>

namespace hongyan::cli {

// Whether a text means the person to be forgotten. Erasing is not sending: case never makes another
// person, and in doubt a text is taken to mean them.
class ForgetMatch {
 public:
  explicit ForgetMatch(const std::string& address);

  // The text is the address, however it is written.
  bool is(std::string_view text) const;
  // The text mentions it, and not only a longer address that ends or begins like it.
  bool is_in(std::string_view text) const;
  // An item of a recipient list: NDJSON, whatever its escapes.
  bool is_in_list(std::string_view lines) const;
  // A job document with its list inside.
  bool is_in_document(std::string_view json) const;

 private:
  bool is_recipient(const Json& line) const;

  std::string folded_, normalised_;
};

}  // namespace hongyan::cli
