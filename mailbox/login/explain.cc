#include "mailbox/login/explain.h"

#include "base/text.h"
#include "embedded/login_errors.h"
#include "engine/answer/reply_text.h"
#include "mailbox/login/rules_file.h"

#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <utility>

namespace hongyan::login {
namespace {

RE2::Options options() {
  RE2::Options made;
  made.set_case_sensitive(false);
  made.set_log_errors(false);
  return made;
}

template <class T>
bool allows(const std::vector<T>& list, const T& value) {
  return list.empty() || std::ranges::find(list, value) != list.end();
}

std::string subject_of(const Failure& failure) {
  return answer::readable(std::string(failure.code) + " " + std::string(failure.text));
}

}  // namespace

struct Explainer::Patterns {
  std::map<const Rule*, std::unique_ptr<RE2>> match, unless;

  bool fit(const Rule& rule, const Failure& failure, const std::string& subject) const {
    if (!allows(rule.protocols, failure.protocol) || !allows(rule.stages, failure.stage))
      return false;
    if (!rule.codes.empty() && std::ranges::none_of(rule.codes, [&](const std::string& begin) {
          return failure.code.starts_with(begin);
        }))
      return false;
    if (const auto at = match.find(&rule);
        at != match.end() && !RE2::PartialMatch(subject, *at->second))
      return false;
    const auto veto = unless.find(&rule);
    return veto == unless.end() || !RE2::PartialMatch(subject, *veto->second);
  }
};

Explainer::Explainer(RuleBook book)
    : book_(std::move(book)), patterns_(std::make_unique<Patterns>()) {
  std::ranges::sort(book_.families, {},
                    [](const Family& family) { return std::pair(family.order, family.name); });
}
Explainer::~Explainer() = default;

std::expected<std::shared_ptr<const Explainer>, Faults> Explainer::create(RuleBook book) {
  std::shared_ptr<Explainer> made(new Explainer(std::move(book)));
  Faults faults;
  const auto compile = [&](const std::string& text, const Rule& rule, auto& into) {
    if (text.empty()) return;
    auto pattern = std::make_unique<RE2>(text, options());
    if (!pattern->ok())
      faults.push_back({rule.place, "'" + text + "' is no pattern: " + pattern->error(),
                        "RE2 syntax; in single quotes a backslash is itself"});
    into.emplace(&rule, std::move(pattern));
  };
  for (const Family& family : made->book_.families)
    for (const Rule& rule : family.rules) {
      compile(rule.match, rule, made->patterns_->match);
      compile(rule.unless, rule, made->patterns_->unless);
    }
  if (!faults.empty()) return std::unexpected(std::move(faults));
  return made;
}

std::expected<std::shared_ptr<const Explainer>, Faults> Explainer::built_in() {
  auto book = read_rules(embedded::configs_login_errors_toml, "configs/login_errors.toml");
  if (!book) return std::unexpected(std::move(book.error()));
  return create(*std::move(book));
}

Explainer::Found Explainer::find(const Failure& failure) const {
  const std::string subject = subject_of(failure);
  const auto first = [&](auto&& asked, bool unmistakable) -> Found {
    for (const Family& family : book_.families) {
      if (!asked(family)) continue;
      for (const Rule& rule : family.rules)
        if ((!unmistakable || rule.unmistakable) && patterns_->fit(rule, failure, subject))
          return {&family, &rule};
    }
    return {};
  };
  const auto own = [&](const Family& family) {
    return is_among(failure.provider, family.providers);
  };
  const auto others = [&](const Family& family) {
    return !family.providers.empty() && !own(family);
  };
  const auto anybody = [](const Family& family) { return family.providers.empty(); };
  Found found = first(own, false);
  if (found.rule == nullptr) found = first(others, true);
  if (found.rule == nullptr) found = first(anybody, false);
  return found;
}

Verdict Explainer::explain(const Failure& failure) const {
  const Found found = find(failure);
  Verdict verdict;
  const bool logging_in = failure.stage == Stage::kLogin || failure.stage == Stage::kToken;
  if (found.rule != nullptr) {
    verdict.says = found.rule->says;
    verdict.rule = found.family->name + "/" + found.rule->name;
  } else {
    verdict.says = logging_in ? book_.unknown : book_.other;
  }
  if (failure.token && !verdict.says.with_token.empty())
    verdict.says =
        *std::ranges::find(book_.classes, verdict.says.with_token, &Conclusion::class_name);
  for (const Hint& hint : book_.hints)
    if (is_among(verdict.says.class_name, hint.classes) &&
        (hint.providers.empty() || is_among(failure.provider, hint.providers)) &&
        (failure.worked || !hint.only_if_worked))
      verdict.hints.push_back(hint.text);
  return verdict;
}

Faults Explainer::check_examples() const {
  Faults faults;
  for (const Family& family : book_.families)
    for (const Rule& rule : family.rules) {
      for (const std::string& provider : family.providers)
        check_example(family, rule, provider, faults);
      if (family.providers.empty() || rule.unmistakable) check_example(family, rule, "", faults);
    }
  return faults;
}

void Explainer::check_example(const Family& family, const Rule& rule, std::string_view provider,
                              Faults& faults) const {
  const std::string_view line = rule.example;
  const auto blank = std::min(line.find(' '), line.size());
  Failure failure;
  failure.provider = provider;
  if (!rule.protocols.empty()) failure.protocol = rule.protocols.front();
  if (!rule.stages.empty()) failure.stage = rule.stages.front();
  failure.code = line.substr(0, blank);
  failure.text = trim_blanks(line.substr(blank));
  const Found found = find(failure);
  if (found.rule == &rule) return;
  const std::string where = provider.empty() ? "" : " at " + std::string(provider);
  if (found.rule == nullptr)
    faults.push_back(
        {rule.place, "dead: it does not answer its own example" + where, rule.example});
  else
    faults.push_back({rule.place,
                      "shadowed" + where + ": its example is answered by " + found.family->name +
                          "/" + found.rule->name + " (" + found.rule->place + "), not by " +
                          family.name + "/" + rule.name,
                      rule.example});
}

}  // namespace hongyan::login
