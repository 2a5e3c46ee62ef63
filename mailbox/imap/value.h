#pragma once

#include "mailbox/imap/limits.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::imap {

// One datum of a response (RFC 9051 4): atom or number, string (quoted or literal), NIL, list.
struct Value {
  enum class Kind : unsigned char { kAtom, kString, kNil, kList };
  Kind kind = Kind::kNil;
  std::string text;          // of an atom, as it came; of a string, its octets
  std::vector<Value> items;  // of a list

  bool is_list() const { return kind == Kind::kList; }
  bool is_text() const { return kind == Kind::kAtom || kind == Kind::kString; }
};

// A number as IMAP has them: 32 bits, no sign.
std::optional<std::uint32_t> parse_number(std::string_view text);

// Reads values off the front of a response that ResponseReader cut. A section with all its words,
// "BODY[HEADER.FIELDS (FROM TO)]<0>", is one atom.
//
// Invariant: no more than Limits::values, no deeper than Limits::depth.
class ValueParser {
 public:
  ValueParser(std::string_view text, const Limits& limits)
      : rest_(text), limits_(limits), left_(limits.values) {}

  // The next one; what is missing or broken gives nullopt and a fault().
  std::optional<Value> next();
  // All up to the end.
  std::optional<std::vector<Value>> all();
  // Skips blanks; true at the end.
  bool at_end();
  std::string_view fault() const { return fault_; }

 private:
  std::optional<Value> value(int depth);
  std::optional<Value> list(int depth);
  std::optional<Value> quoted();
  std::optional<Value> literal();
  std::optional<Value> atom();
  std::nullopt_t broken(std::string_view fault);

  std::string_view rest_;
  const Limits& limits_;
  std::size_t left_;
  std::string_view fault_;
};

}  // namespace hongyan::imap
