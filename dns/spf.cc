#include "dns/spf.h"

#include "base/text.h"
#include "dns/spf_macro.h"
#include "dns/spf_record.h"

#include <algorithm>
#include <optional>

namespace hongyan::dns {
namespace {

constexpr int kMaxLookups = 10;
constexpr int kMaxVoid = 2;
constexpr std::size_t kMaxNames = 10;  // MX hosts and PTR names (4.6.4)

// Thrown away up to check_spf(): a record's fault or a silent server ends the whole evaluation.
struct Stop {
  SpfResult result;
  std::string problem;
};
template <class T>
using Maybe = std::expected<T, Stop>;

std::unexpected<Stop> perm(std::string problem) {
  return std::unexpected(Stop{SpfResult::kPermError, std::move(problem)});
}

SpfResult result_of(char qualifier) {
  switch (qualifier) {
    case '-':
      return SpfResult::kFail;
    case '~':
      return SpfResult::kSoftFail;
    case '?':
      return SpfResult::kNeutral;
    default:
      return SpfResult::kPass;
  }
}

// A name that can be asked for; macros may make others.
bool is_name(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  return std::ranges::all_of(split(name, '.'), [](std::string_view label) {
    return !label.empty() && label.size() <= 63 && std::ranges::all_of(label, [](char c) {
      return c > ' ' && c < '\x7f' && c != '\\' && c != '"';
    });
  });
}

class Evaluation {
 public:
  Evaluation(const SpfQuery& query, Lookup& dns, SpfVerdict& verdict)
      : query_(query), ip_(query.ip.unmapped()), dns_(dns), verdict_(verdict) {}

  // Of one record and those it includes.
  Maybe<SpfResult> check(const std::string& domain, bool first) {
    if (!is_name(domain) || !domain.contains('.')) return SpfResult::kNone;
    auto answer = ask(domain, Type::kTxt, false);
    if (!answer) return std::unexpected(answer.error());
    std::vector<std::string> records;
    std::ranges::copy_if(answer->texts, std::back_inserter(records), is_spf);
    if (records.empty()) return SpfResult::kNone;
    if (first) verdict_.record = records.front();
    if (records.size() > 1)
      return perm(domain + " publishes " + std::to_string(records.size()) +
                  " SPF records; one is allowed (RFC 7208 4.5)");
    const auto record = parse_spf(records.front());
    if (!record) return perm(domain + ": " + record.error());

    for (const SpfTerm& term : record->terms) {
      const auto matches = match(term, domain);
      if (!matches) return std::unexpected(matches.error());
      if (!*matches) continue;
      verdict_.matched = term.text + " of " + domain;
      return result_of(term.qualifier);
    }
    verdict_.matched.clear();  // of an include that did not match
    if (!record->redirect) return SpfResult::kNeutral;
    if (auto counted = count(); !counted) return std::unexpected(counted.error());
    const auto target = expand(*record->redirect, domain);
    auto result = check(target, false);
    if (result && *result == SpfResult::kNone)
      return perm(domain + " redirects to " + target + ", which has no SPF record");
    return result;
  }

 private:
  Maybe<void> count() {
    if (++verdict_.lookups > kMaxLookups)
      return perm("more than 10 terms that ask the DNS (RFC 7208 4.6.4)");
    return {};
  }

  Maybe<Answer> ask(const std::string& name, Type type, bool counts_void) {
    auto answer = dns_.ask(name, type);
    if (!answer)
      return std::unexpected(Stop{SpfResult::kTempError, name + " " + std::string(type_name(type)) +
                                                             ": " + answer.error().detail});
    if (answer->rcode != Rcode::kNoError && answer->rcode != Rcode::kNxDomain)
      return std::unexpected(Stop{
          SpfResult::kTempError,
          name + " " + std::string(type_name(type)) + ": the name server answered with a failure"});
    if (counts_void && !answer->has_records() && ++verdict_.void_lookups > kMaxVoid)
      return perm("more than 2 look-ups that find nothing, the last one of " + name +
                  " (RFC 7208 4.6.4)");
    return *std::move(answer);
  }

  std::string expand(const std::string& text, const std::string& domain) {
    return expand_spf_macros(text, {ip_, query_.sender, domain, query_.helo,
                                    [this, &domain] { return best_validated_name(domain); }});
  }

  Maybe<bool> match(const SpfTerm& term, const std::string& domain) {
    if (term.kind == SpfMechanism::kAll) return true;
    if (term.kind == SpfMechanism::kIp4) return shares_prefix(ip_, term.address, term.prefix4);
    if (term.kind == SpfMechanism::kIp6) return shares_prefix(ip_, term.address, term.prefix6);
    if (auto counted = count(); !counted) return std::unexpected(counted.error());
    const std::string target = term.domain.empty() ? domain : expand(term.domain, domain);
    if (term.kind == SpfMechanism::kInclude) return match_include(target);
    if (!is_name(target)) return false;
    switch (term.kind) {
      case SpfMechanism::kA:
        return match_host(target, term);
      case SpfMechanism::kMx:
        return match_mx(target, term);
      case SpfMechanism::kPtr: {
        const auto& names = validated_names();
        return std::ranges::any_of(names, [&](const std::string& name) {
          return name == ascii_lower(target) || name.ends_with("." + ascii_lower(target));
        });
      }
      default: {  // exists: an A record, whatever the family (5.7)
        const auto answer = ask(target, Type::kA, true);
        if (!answer) return std::unexpected(answer.error());
        return !answer->addresses.empty();
      }
    }
  }

  Maybe<bool> match_include(const std::string& target) {
    const auto result = check(target, false);
    if (!result) return std::unexpected(result.error());
    if (*result == SpfResult::kNone)
      return perm("includes " + target + ", which has no SPF record (RFC 7208 5.2)");
    return *result == SpfResult::kPass;
  }

  Maybe<bool> match_host(const std::string& host, const SpfTerm& term) {
    const auto answer = ask(host, ip_.is_v4() ? Type::kA : Type::kAaaa, true);
    if (!answer) return std::unexpected(answer.error());
    const int bits = ip_.is_v4() ? term.prefix4 : term.prefix6;
    return std::ranges::any_of(answer->addresses, [&](const IpAddress& address) {
      return shares_prefix(ip_, address, bits);
    });
  }

  Maybe<bool> match_mx(const std::string& target, const SpfTerm& term) {
    const auto answer = ask(target, Type::kMx, true);
    if (!answer) return std::unexpected(answer.error());
    if (answer->mx.size() > kMaxNames)
      return perm(target + " has more than 10 MX hosts (RFC 7208 4.6.4)");
    for (const MxRecord& mx : answer->mx) {
      if (!is_name(mx.exchange)) continue;
      const auto found = match_host(mx.exchange, term);
      if (!found || *found) return found;
    }
    return false;
  }

  // Names of the address that lead back to it (5.5); a failure means that there are none. Asked
  // once: a record may use %{p} any number of times.
  const std::vector<std::string>& validated_names() {
    if (names_) return *names_;
    std::vector<std::string>& good = names_.emplace();
    const auto names = dns_.ask(reverse_name(ip_), Type::kPtr);
    if (!names) return good;
    for (std::size_t i = 0; i < std::min(kMaxNames, names->names.size()); ++i) {
      const auto back = dns_.ask(names->names[i], ip_.is_v4() ? Type::kA : Type::kAaaa);
      if (back && std::ranges::find(back->addresses, ip_) != back->addresses.end())
        good.push_back(ascii_lower(names->names[i]));
    }
    return good;
  }

  // %{p}: the domain itself, else something below it, else any.
  std::string best_validated_name(const std::string& domain) {
    const auto& names = validated_names();
    const std::string wanted = ascii_lower(domain);
    for (const std::string& name : names)
      if (name == wanted) return name;
    for (const std::string& name : names)
      if (name.ends_with("." + wanted)) return name;
    return names.empty() ? "unknown" : names.front();
  }

  const SpfQuery& query_;
  IpAddress ip_;
  Lookup& dns_;
  SpfVerdict& verdict_;
  std::optional<std::vector<std::string>> names_;
};

}  // namespace

std::string_view spf_result_name(SpfResult result) {
  switch (result) {
    case SpfResult::kNone:
      return "none";
    case SpfResult::kNeutral:
      return "neutral";
    case SpfResult::kPass:
      return "pass";
    case SpfResult::kFail:
      return "fail";
    case SpfResult::kSoftFail:
      return "softfail";
    case SpfResult::kTempError:
      return "temperror";
    case SpfResult::kPermError:
      return "permerror";
  }
  return "?";
}

SpfVerdict check_spf(const SpfQuery& query, Lookup& dns) {
  SpfVerdict verdict;
  Evaluation evaluation(query, dns, verdict);
  auto result = evaluation.check(query.domain, true);
  verdict.result = result ? *result : result.error().result;
  if (!result) verdict.problem = result.error().problem;
  if (!result || verdict.result == SpfResult::kNone) verdict.matched.clear();
  return verdict;
}

}  // namespace hongyan::dns
