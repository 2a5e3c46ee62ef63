#include "engine/check/dkim_rules.h"

#include "engine/check/dkim_record.h"

#include <algorithm>

namespace hongyan::check {
namespace {

Standing check_key(const SigningKey& key, dns::Lookup& dns, Findings& findings) {
  const std::string name = key.selector + "._domainkey." + key.domain;
  const auto fails = [&](std::string_view id, const std::string& what) {
    findings.add(id, name + what);
    return Standing::kFails;
  };
  const auto answer = dns.ask(name, dns::Type::kTxt);
  if (const std::string failure = failure_of(answer); !failure.empty()) {
    findings.add("not-checked", "DKIM key " + name + ": " + failure);
    return Standing::kUnknown;
  }
  if (answer->texts.empty())
    return fails("dkim-missing",
                 " has no TXT record" + (key.record.empty() ? "" : "; it should be " + key.record));
  if (answer->texts.size() > 1)
    return fails("dkim-broken", " has " + std::to_string(answer->texts.size()) +
                                    " TXT records; which one holds is chance");
  const auto published = parse_dkim(answer->texts.front());
  if (!published) return fails("dkim-broken", ": " + published.error());
  if (published->key.empty()) return fails("dkim-revoked", " has an empty p=");
  if (!published->for_mail || !published->for_sha256)
    return fails("dkim-limited",
                 published->for_mail ? " allows no sha256 (h=)" : " is not for mail (s=)");
  if (published->testing) findings.add("dkim-testing", name + " says t=y");
  if (key.record.empty()) {
    findings.add("not-checked", "whether the key at " + name + " is ours: " + key.unread);
    return Standing::kUnknown;
  }
  const auto ours = parse_dkim(key.record);
  if (!ours || ours->type != published->type || ours->key != published->key)
    return fails("dkim-differs", " is the public half of another key; ours is " + key.record);
  return Standing::kPasses;
}

bool is_ed25519(const SigningKey& key) {
  const auto record = parse_dkim(key.record);
  return record && record->type == "ed25519";
}

}  // namespace

Standing check_dkim_keys(const std::vector<SigningKey>& keys, bool relayed, dns::Lookup& dns,
                         Findings& findings) {
  if (keys.empty()) {
    if (relayed) return Standing::kUnknown;
    findings.add("dkim-none", "the channel has no [[channel.NAME.dkim]]");
    return Standing::kFails;
  }
  Standing best = Standing::kFails;
  for (const SigningKey& key : keys) best = std::min(best, check_key(key, dns, findings));
  if (std::ranges::all_of(keys, is_ed25519))
    findings.add("dkim-ed25519-only", "every key of " + keys.front().domain + " is Ed25519");
  return best;
}

}  // namespace hongyan::check
