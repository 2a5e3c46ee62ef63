#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace hongyan {

// How far a failure reaches: the owner of that thing reacts, everyone below passes it up.
enum class Scope : unsigned char { kDelivery, kConnection, kHost, kLane, kJob, kProcess };

// An expected failure, as a value. A 4xx or 5xx reply is not an Error: it is an answer.
//
// `code` is a kebab-case literal that programs may compare ("connect-refused"); it lives forever.
// `detail` is for people: what, where, what would be right.
struct Error {
  Scope scope = Scope::kProcess;
  std::string_view code;
  std::string detail;
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Scope scope, std::string_view code, std::string detail = {}) {
  return std::unexpected(Error{scope, code, std::move(detail)});
}

}  // namespace hongyan
