#include "engine/answer/classifier.h"

#include "base/text.h"
#include "engine/answer/reply_text.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <tuple>
#include <utility>

namespace hongyan::answer {
namespace {

using scheduler::LaneReaction;
using scheduler::Stage;

constexpr std::array<std::string_view, 11> kGroups = {
    "bad-mailbox",    "bad-domain",     "full", "rate",
    "sender-blocked", "content-policy", "auth", "network-or-expired",
    "remote-system",  "size",           "other"};

// Where the rules of named receivers come when nobody knows who answered: before the last words.
constexpr int kAfterEverybody = 80;

RE2::Options options() {
  RE2::Options made;
  made.set_case_sensitive(false);
  made.set_log_errors(false);
  made.set_max_mem(64 << 20);  // for the automaton of all patterns of a chain
  return made;
}

// "x" stands for any number; "5.1.1" and "x.1.x" have as many parts as a status.
bool fits_status(std::string_view pattern, std::string_view status) {
  while (!pattern.empty() && !status.empty()) {
    const std::string_view wanted = pattern.substr(0, pattern.find('.'));
    const std::string_view given = status.substr(0, status.find('.'));
    if (wanted != "x" && wanted != given) return false;
    pattern.remove_prefix(std::min(wanted.size() + 1, pattern.size()));
    status.remove_prefix(std::min(given.size() + 1, status.size()));
  }
  return pattern.empty() && status.empty();
}

bool fits(const Rule& rule, Stage stage, std::string_view code, std::string_view status) {
  if (!rule.codes.empty() &&
      std::ranges::none_of(rule.codes, [&](const auto& one) { return code.starts_with(one); }))
    return false;
  if (!rule.statuses.empty() && std::ranges::none_of(rule.statuses, [&](const auto& one) {
        return fits_status(one, status);
      }))
    return false;
  return rule.stages.empty() || std::ranges::find(rule.stages, stage) != rule.stages.end();
}

}  // namespace

std::string_view group_name(Group group) {
  return kGroups.at(static_cast<std::size_t>(group));
}

std::optional<Group> find_group(std::string_view name) {
  const auto at = std::ranges::find(kGroups, name);
  if (at == kGroups.end()) return std::nullopt;
  return static_cast<Group>(at - kGroups.begin());
}

std::string Meaning::rule_name() const {
  return rule == nullptr ? std::string() : family->name + "/" + rule->name;
}

// The rules one receiver's replies are asked in, all patterns in one automaton.
struct Classifier::Chain {
  struct Entry {
    const Family* family;
    const Rule* rule;
    const Kind* kind;
  };
  std::vector<Entry> entries;
  RE2::Set patterns{options(), RE2::UNANCHORED};
  // Should the automaton outgrow its memory: made when that happens first.
  mutable std::once_flag singles_made;
  mutable std::vector<std::unique_ptr<RE2>> singles;

  void add(const Entry& entry) {
    entries.push_back(entry);
    patterns.Add(entry.rule->match, nullptr);
  }
  const Entry* find(Stage stage, std::string_view code, std::string_view status,
                    const std::string& text) const {
    thread_local std::vector<int> found;
    RE2::Set::ErrorInfo error{};
    if (!patterns.Match(text, &found, &error) && error.kind != RE2::Set::kNoError) {
      found.clear();
      std::call_once(singles_made, [this] {
        for (const Entry& entry : entries)
          singles.push_back(std::make_unique<RE2>(entry.rule->match, options()));
      });
      for (std::size_t i = 0; i < singles.size(); ++i)
        if (RE2::PartialMatch(text, *singles[i])) found.push_back(static_cast<int>(i));
    }
    const Entry* first = nullptr;
    for (const int i : found) {
      const Entry& entry = entries[static_cast<std::size_t>(i)];
      if ((first == nullptr || &entry < first) && fits(*entry.rule, stage, code, status))
        first = &entry;
    }
    return first;
  }
};

Classifier::Classifier(RuleBook book) : book_(std::move(book)) {
  std::ranges::sort(book_.families, {},
                    [](const Family& family) { return std::pair(family.order, family.name); });
  for (const Kind& kind : book_.kinds) kinds_[kind.name] = &kind;
}

Classifier::~Classifier() = default;

std::expected<std::shared_ptr<const Classifier>, Faults> Classifier::create(RuleBook book) {
  const std::shared_ptr<Classifier> made(new Classifier(std::move(book)));
  Faults faults;
  std::vector<std::string> kind_names;
  for (const Kind& kind : made->book_.kinds) kind_names.push_back(kind.name);
  for (const Family& family : made->book_.families) {
    std::map<std::string_view, const Rule*> names;
    for (const Rule& rule : family.rules) {
      if (const auto [at, fresh] = names.emplace(rule.name, &rule); !fresh)
        faults.push_back(
            {rule.place, "the name '" + rule.name + "' is taken by " + at->second->place, ""});
      if (!made->kinds_.contains(rule.kind)) {
        const auto meant = nearest(rule.kind, kind_names);
        faults.push_back({rule.place, "there is no kind '" + rule.kind + "'",
                          meant ? "did you mean '" + *meant + "'?" : ""});
      }
      if (const RE2 pattern(rule.match, options()); !pattern.ok())
        faults.push_back({rule.place, "'" + rule.match + "' is no pattern: " + pattern.error(),
                          "RE2 syntax; in single quotes a backslash is itself"});
    }
  }
  if (!faults.empty()) return std::unexpected(std::move(faults));

  const auto chain = [&](std::string_view provider) {
    auto built = std::make_shared<Chain>();
    std::vector<const Family*> families;
    for (const Family& family : made->book_.families)
      if (provider.empty() || family.providers.empty() || is_among(provider, family.providers))
        families.push_back(&family);
    // Of a stranger the words that everybody uses are believed first.
    if (provider.empty())
      std::ranges::sort(families, {}, [](const Family* family) {
        return std::tuple(family->providers.empty() ? family->order : kAfterEverybody,
                          family->order, family->name);
      });
    for (const bool unmistakable : {true, false})
      for (const Family* family : families)
        for (const Rule& rule : family->rules)
          if ((provider.empty() && rule.unmistakable) == unmistakable)
            built->add({family, &rule, made->kinds_.at(rule.kind)});
    if (!built->patterns.Compile())
      faults.push_back(
          {"the rules for " + std::string(provider), "are too large for one automaton", ""});
    return built;
  };
  made->unknown_ = chain("");
  // Receivers that the same families speak for share a chain.
  std::map<std::vector<const Family*>, std::shared_ptr<const Chain>> by_families;
  for (const Family& family : made->book_.families)
    for (const std::string& provider : family.providers) {
      if (made->chains_.contains(provider)) continue;
      std::vector<const Family*> own;
      for (const Family& one : made->book_.families)
        if (is_among(provider, one.providers)) own.push_back(&one);
      auto& shared = by_families[own];
      if (!shared) shared = chain(provider);
      made->chains_[provider] = shared;
    }
  for (const Family& family : made->book_.families)
    for (const Rule& rule : family.rules) made->check_example(family, rule, faults);
  if (!faults.empty()) return std::unexpected(std::move(faults));
  return made;
}

const Classifier::Chain& Classifier::chain_of(std::string_view provider) const {
  const auto at = chains_.find(provider);
  return at == chains_.end() ? *unknown_ : *at->second;
}

void Classifier::check_example(const Family& family, const Rule& rule, Faults& faults) const {
  const ReplyLine line = parse_reply_line(rule.example);
  const Stage stage = rule.stages.empty() ? Stage::kRcpt : rule.stages.front();
  const Meaning meaning = classify({family.providers.empty() ? "" : family.providers.front(), stage,
                                    line.code, line.enhanced, line.text});
  if (meaning.rule == &rule) return;
  if (meaning.rule == nullptr)
    faults.push_back({rule.place, "dead: it does not answer its own example", rule.example});
  else
    faults.push_back({rule.place,
                      "shadowed: its example is answered by " + meaning.rule_name() + " (" +
                          meaning.rule->place + ")",
                      rule.example});
}

Meaning Classifier::classify(const Reply& reply) const {
  std::string whole = reply.code == 0 ? std::string() : std::to_string(reply.code);
  const std::string code = whole;
  if (!reply.enhanced.empty()) whole.append(whole.empty() ? "" : " ").append(reply.enhanced);
  if (!whole.empty()) whole += ' ';
  append_matchable(reply.text, whole);
  const std::string_view status = reply.enhanced.empty() ? find_status(whole) : reply.enhanced;
  const char digit = !code.empty() ? code[0] : status.empty() ? '4' : status[0];
  Meaning meaning;
  meaning.bounced = digit == '5';
  const Chain::Entry* hit = chain_of(reply.provider).find(reply.stage, code, status, whole);
  if (hit == nullptr) return meaning;
  meaning.family = hit->family;
  meaning.rule = hit->rule;
  meaning.kind = hit->kind;
  meaning.group = hit->kind->group;
  if (hit->kind->bounced) meaning.bounced = *hit->kind->bounced;
  meaning.reaction = hit->rule->reaction.value_or(hit->kind->reaction);
  // Nobody may be blamed for what was said before he was named.
  meaning.suppress = hit->kind->suppress && meaning.bounced && reply.stage >= Stage::kRcpt;
  return meaning;
}

}  // namespace hongyan::answer
