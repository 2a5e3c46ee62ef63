#include "mailbox/oauth/token_answer.h"

#include "base/json.h"
#include "base/text.h"

#include <algorithm>
#include <cmath>

namespace hongyan::oauth {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kUntold = 10min;
constexpr std::chrono::seconds kLongest = 24h;
constexpr std::size_t kMostText = 500;
constexpr std::string_view kHidden = "[...]";
constexpr std::size_t kShortestSecret = 4;  // a shorter one would hide half of any sentence

std::unexpected<Refusal> no_answer(std::string text) {
  return std::unexpected(Refusal{"oauth-answer", std::move(text)});
}

std::string_view string_at(const Json& json, std::string_view name) {
  const Json* value = json.find(name);
  return value != nullptr && value->is(Json::Kind::kString) ? value->text() : std::string_view();
}

// RFC 6749 A.12: VSCHAR. A blank would end it in an Authorization field or a SASL message.
bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= kMostTokenBytes &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

std::chrono::seconds lifetime_of(const Json& json) {
  const Json* told = json.find("expires_in");
  if (told == nullptr) return kUntold;
  // Some write the number as a string.
  double seconds = NAN;
  if (told->is(Json::Kind::kNumber)) {
    seconds = told->as_double();
  } else if (const auto number = parse_json(told->text())) {
    if (number->is(Json::Kind::kNumber)) seconds = number->as_double();
  }
  if (std::isnan(seconds) || seconds < 0) return kUntold;
  return seconds >= static_cast<double>(kLongest.count())
             ? kLongest
             : std::chrono::seconds(static_cast<std::int64_t>(seconds));
}

std::string shown(std::string text, std::span<const std::string_view> secrets) {
  for (const std::string_view secret : secrets) {
    if (secret.size() < kShortestSecret) continue;
    for (auto at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + kHidden.size()))
      text.replace(at, secret.size(), kHidden);
  }
  return escape_control(text.substr(0, kMostText));
}

}  // namespace

std::expected<Tokens, Refusal> read_token_answer(int status, std::string_view body,
                                                 std::span<const std::string_view> secrets) {
  const auto json = body.size() <= kMostAnswerBytes
                        ? parse_json(body)
                        : std::unexpected(Fault{"", "is longer than 64 KiB", ""});
  if (status != 200) {
    // RFC 6749 5.2. Whatever else it is, the status says what it means; its words may be a page.
    std::string words;
    if (json) {
      words = string_at(*json, "error");
      if (const auto more = string_at(*json, "error_description"); !more.empty())
        words.append(words.empty() ? "" : ": ").append(more);
    }
    return std::unexpected(Refusal{std::to_string(status), shown(std::move(words), secrets)});
  }
  if (!json) return no_answer("the answer is no JSON of a token endpoint");
  if (!ascii_iequals(string_at(*json, "token_type"), "bearer"))
    return no_answer("the answer has no token of type Bearer");
  const std::string_view access = string_at(*json, "access_token");
  if (!is_token(access)) return no_answer("the answer has no access token that could be one");
  const std::string_view refresh = string_at(*json, "refresh_token");
  if (!refresh.empty() && !is_token(refresh))
    return no_answer("the answer has a refresh token that cannot be one");
  return Tokens{Secret::copy_of(access), Secret::copy_of(refresh), lifetime_of(*json)};
}

}  // namespace hongyan::oauth
