#include "mailbox/office/pace_rules.h"

#include "base/time_text.h"

namespace hongyan::mailbox {

PaceRules pace_rules(const config::MailboxSettings& settings, const Catalogue& catalogue,
                     const Account& account, double time_scale) {
  PaceRules rules;
  rules.timezone = settings.timezone;
  rules.opens = parse_clock(settings.opens).value_or(rules.opens);
  rules.closes = parse_clock(settings.closes).value_or(rules.closes);
  const Provider* provider = catalogue.by_id(account.provider);
  if (provider != nullptr && provider->limit) rules.provider_cap = provider->limit->messages;
  rules.learnt = account.learnt;
  rules.time_scale = time_scale;
  return rules;
}

std::int64_t domain_cap(const Catalogue& catalogue, const Account& account) {
  const Provider* provider = catalogue.by_id(account.provider);
  if (provider == nullptr || !provider->limit) return 0;
  return provider->limit->scope == DailyLimit::Scope::kDomain ? provider->limit->messages : 0;
}

}  // namespace hongyan::mailbox
