#pragma once

#include "base/secret.h"

#include <chrono>
#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace hongyan::oauth {

// Of an answer of a token endpoint; a longer one is not read.
inline constexpr std::size_t kMostAnswerBytes = std::size_t{64} * 1024;
inline constexpr std::size_t kMostTokenBytes = std::size_t{12} * 1024;

struct Tokens {
  Secret access;
  Secret refresh;                 // empty: the one that was used goes on
  std::chrono::seconds lifetime;  // of the access token, from now
};

// Why there are none. No secret is in it.
struct Refusal {
  std::string code;  // the HTTP status; "oauth-answer": no answer of a token endpoint
  std::string text;  // "invalid_grant: Token has been revoked", fit to be shown
};

// RFC 6749 5. `secrets` are what was sent: where the answer repeats them they are taken out. A
// lifetime that is not told is taken for ten minutes, an absurd one for a day.
std::expected<Tokens, Refusal> read_token_answer(int status, std::string_view body,
                                                 std::span<const std::string_view> secrets);

}  // namespace hongyan::oauth
