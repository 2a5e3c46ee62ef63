#include "mailbox/login/shown_reply.h"

#include "base/base64.h"
#include "engine/answer/reply_text.h"

#include <algorithm>
#include <cstddef>

namespace hongyan::login {
namespace {

constexpr std::string_view kHidden = "[...]";
constexpr std::size_t kShortestSecret = 4;  // a shorter one would hide half of any sentence
constexpr std::size_t kShortestRun = 16;    // "user" and "password" with their NULs take as much

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_base64(char c) {
  return is_upper(c) || is_lower(c) || is_digit(c) || c == '+' || c == '/' || c == '=';
}

// Long, and mixed as no word is: SubmissionQuotaExceededException stays.
bool is_encoded(std::string_view run) {
  return run.size() >= kShortestRun && std::ranges::any_of(run, is_upper) &&
         std::ranges::any_of(run, is_lower) &&
         std::ranges::any_of(run, [](char c) { return is_digit(c) || c == '='; });
}

void hide(std::string& text, std::string_view what) {
  if (what.size() < kShortestSecret) return;
  for (auto at = text.find(what); at != std::string::npos;
       at = text.find(what, at + kHidden.size()))
    text.replace(at, what.size(), kHidden);
}

}  // namespace

std::string shown_reply(std::string_view bytes, std::string_view secret) {
  std::string raw(bytes);  // before the text is cut, or the front of a secret could stay
  hide(raw, secret);
  hide(raw, encode_base64(secret));
  const std::string text = answer::readable(raw);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_base64(text[end])) ++end;
    if (end == at) {
      out += text[at++];
      continue;
    }
    const std::string_view run = std::string_view(text).substr(at, end - at);
    out += is_encoded(run) ? kHidden : run;
    at = end;
  }
  return out;
}

}  // namespace hongyan::login
