#include "dns/sts.h"

#include "base/text.h"
#include "dns/wire.h"

#include <algorithm>

namespace hongyan::dns {
namespace {

constexpr std::size_t kMaxId = 32;
constexpr std::size_t kMaxAgeDigits = 10;

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::optional<std::string> id_of(std::string_view record) {
  std::optional<std::string> id;
  for (const std::string_view field : split(record, ';')) {
    const std::string_view pair = trim_blanks(field);
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || trim_blanks(pair.substr(0, equals)) != "id") continue;
    const std::string_view value = trim_blanks(pair.substr(equals + 1));
    if (id || value.empty() || value.size() > kMaxId || !std::ranges::all_of(value, is_alnum))
      return std::nullopt;
    id = value;
  }
  return id;
}

bool is_sts_record(std::string_view text) {
  if (!text.starts_with("v=STSv1")) return false;
  const std::string_view rest = trim_blanks(text.substr(7));
  return rest.empty() || rest.starts_with(';');
}

std::optional<std::string> pattern_of(std::string_view text) {
  const bool wild = text.starts_with("*.");
  auto name = normalise_name(wild ? text.substr(2) : text);
  if (!name) return std::nullopt;
  return (wild ? "*." : "") + *name;
}

std::optional<std::chrono::seconds> age_of(std::string_view digits) {
  if (digits.empty() || digits.size() > kMaxAgeDigits ||
      digits.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  return std::min(std::chrono::seconds(std::stoll(std::string(digits))), kMaxStsAge);
}

}  // namespace

std::optional<std::string> find_sts_id(std::span<const std::string> texts) {
  const std::string* only = nullptr;
  for (const std::string& text : texts) {
    if (!is_sts_record(text)) continue;
    if (only != nullptr) return std::nullopt;
    only = &text;
  }
  return only == nullptr ? std::nullopt : id_of(*only);
}

Result<StsPolicy> parse_sts_policy(std::string_view text) {
  const auto wrong = [](std::size_t line, std::string_view what) {
    return fail(Scope::kHost, "sts-policy",
                "MTA-STS policy, line " + std::to_string(line) + ": " + escape_control(what));
  };
  if (text.size() > kMaxStsPolicy) return wrong(1, "longer than 64 KiB");
  StsPolicy policy;
  bool version = false;
  std::optional<StsPolicy::Mode> mode;
  std::optional<std::chrono::seconds> age;
  std::size_t number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (trim_blanks(line).empty()) continue;
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return wrong(number, "no `key: value`");
    const std::string_view key = trim_blanks(line.substr(0, colon));
    const std::string_view value = trim_blanks(line.substr(colon + 1));
    // Of a field that is there twice the first one counts (RFC 8461 3.2), but for mx.
    if (key == "version") {
      if (!version && value != "STSv1") return wrong(number, "version is not STSv1");
      version = true;
    } else if (key == "mode" && !mode) {
      if (value == "enforce") mode = StsPolicy::Mode::kEnforce;
      if (value == "testing") mode = StsPolicy::Mode::kTesting;
      if (value == "none") mode = StsPolicy::Mode::kNone;
      if (!mode) return wrong(number, "mode is none of enforce, testing, none");
    } else if (key == "max_age" && !age) {
      age = age_of(value);
      if (!age) return wrong(number, "max_age is no number of seconds");
    } else if (key == "mx") {
      auto pattern = pattern_of(value);
      if (!pattern) return wrong(number, "mx is neither a host name nor *.NAME");
      if (policy.mx.size() == kMaxStsPatterns) return wrong(number, "too many mx");
      policy.mx.push_back(*std::move(pattern));
    }
  }
  if (!version) return wrong(number, "version is missing");
  if (!mode) return wrong(number, "mode is missing");
  if (!age) return wrong(number, "max_age is missing");
  if (*mode != StsPolicy::Mode::kNone && policy.mx.empty()) return wrong(number, "mx is missing");
  policy.mode = *mode;
  policy.max_age = *age;
  return policy;
}

bool is_sts_host(const StsPolicy& policy, std::string_view host) {
  return std::ranges::any_of(policy.mx, [&](std::string_view pattern) {
    if (!pattern.starts_with("*.")) return pattern == host;
    const auto dot = host.find('.');
    return dot != std::string_view::npos && dot > 0 && host.substr(dot) == pattern.substr(1);
  });
}

}  // namespace hongyan::dns
