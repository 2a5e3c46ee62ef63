#include "engine/config/bounce_rules.h"

#include "base/duration.h"
#include "base/text.h"
#include "embedded/bounces.h"
#include "engine/config/reader.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>

namespace hongyan::config {
namespace {

using scheduler::LaneReaction;
using scheduler::Stage;

constexpr std::array<std::pair<std::string_view, LaneReaction::Kind>, 5> kReactions = {
    {{"slow", LaneReaction::Kind::kSlow},
     {"fewer-connections", LaneReaction::Kind::kFewerConnections},
     {"close-connection", LaneReaction::Kind::kCloseConnection},
     {"pause", LaneReaction::Kind::kPause},
     {"next-source", LaneReaction::Kind::kNextSource}}};
constexpr std::array<std::pair<std::string_view, Stage>, 9> kStages = {
    {{"connect", Stage::kConnect},
     {"greeting", Stage::kGreeting},
     {"ehlo", Stage::kEhlo},
     {"starttls", Stage::kStartTls},
     {"auth", Stage::kAuth},
     {"mail", Stage::kMail},
     {"rcpt", Stage::kRcpt},
     {"data", Stage::kData},
     {"content", Stage::kContent}}};

bool takes_time(LaneReaction::Kind kind) {
  return kind == LaneReaction::Kind::kPause || kind == LaneReaction::Kind::kNextSource;
}

// "slow", "pause 1h", "next-source 30m"; "none".
std::string check_reaction(std::string_view text) {
  if (text == "none") return {};
  const auto blank = text.find(' ');
  const std::string_view word = text.substr(0, blank);
  const auto at = std::ranges::find(kReactions, word, [](const auto& one) { return one.first; });
  if (at == kReactions.end())
    return "is no reaction: none, slow, fewer-connections, close-connection, pause TIME or "
           "next-source TIME";
  if (takes_time(at->second) != (blank != std::string_view::npos))
    return takes_time(at->second) ? "needs a time, as in 'pause 1h'" : "takes no time";
  if (blank == std::string_view::npos) return {};
  const auto span = parse_duration(text.substr(blank + 1));
  if (!span) return span.error().detail;
  return span->count() > 0 ? "" : "needs a time above 0";
}

LaneReaction reaction_of(std::string_view text) {
  const auto blank = text.find(' ');
  for (const auto& [word, kind] : kReactions)
    if (text.substr(0, blank) == word)
      return {kind, takes_time(kind) ? *parse_duration(text.substr(blank + 1)) : Millis{0}};
  return {};
}

std::string check_stage(std::string_view text) {
  if (std::ranges::any_of(kStages, [&](const auto& one) { return one.first == text; })) return {};
  return "is no stage: connect, greeting, ehlo, starttls, auth, mail, rcpt, data or content";
}
std::string check_group(std::string_view text) {
  return answer::find_group(text) ? "" : "is no group";
}
std::string check_outcome(std::string_view text) {
  return text == "bounced" || text == "deferred" ? "" : "must be bounced or deferred";
}
std::string check_code(std::string_view text) {
  const bool digits = !text.empty() && text.size() <= 3 && (text[0] == '4' || text[0] == '5') &&
                      text.find_first_not_of("0123456789") == std::string_view::npos;
  return digits ? "" : "is no beginning of a 4xx or 5xx code";
}
std::string check_status(std::string_view text) {
  const auto parts = split(text, '.');
  const bool good =
      parts.size() == 3 && std::ranges::all_of(parts, [](std::string_view part) {
        return part == "x" || (!part.empty() && part.size() <= 3 &&
                               part.find_first_not_of("0123456789") == std::string_view::npos);
      });
  return good ? "" : "is no status like 5.1.1 or x.1.1";
}

struct KindText {
  std::string group, outcome, reaction = "none", advice;
  bool suppress = false;
};
void describe(Reader& v, KindText& t) {
  v.required("group");
  v.field("group", t.group, check_group);
  v.field("outcome", t.outcome, check_outcome);
  v.field("suppress", t.suppress);
  v.field("reaction", t.reaction, check_reaction);
  v.required("advice");
  v.field("advice", t.advice);
}

struct RuleText {
  answer::Rule rule;
  std::vector<std::string> stages;
  std::string reaction;
};
void describe(Reader& v, RuleText& t) {
  v.required("name");
  v.field("name", t.rule.name, check_name);
  v.field("match", t.rule.match);
  v.field("unless", t.rule.unless);
  v.field("code", t.rule.codes, check_code);
  v.field("status", t.rule.statuses, check_status);
  v.field("stage", t.stages, check_stage);
  v.field("unmistakable", t.rule.unmistakable);
  v.required("kind");
  v.field("kind", t.rule.kind);
  v.field("reaction", t.reaction, check_reaction);
  v.required("example");
  v.field("example", t.rule.example);
}

// A pattern that several rules of a file name in their `unless`.
struct PatternText {
  std::string name, match;
};
void describe(Reader& v, PatternText& t) {
  v.required("name");
  v.field("name", t.name, check_name);
  v.required("match");
  v.field("match", t.match);
}

struct FileText {
  std::map<std::string, KindText> kinds;
  int order = 0;
  std::vector<std::string> providers;
  std::vector<PatternText> patterns;
  std::vector<RuleText> rules;
};
void describe(Reader& v, FileText& t) {
  v.tables("kind", t.kinds, check_name);
  v.field("order", t.order, 0, 1000);
  v.field("providers", t.providers, check_provider_name);
  v.list("patterns", t.patterns);
  v.list("rules", t.rules);
}

void add(std::string_view text, const std::string& name, const std::string& family_name,
         answer::RuleBook& book, Faults& faults) {
  const auto node = parse_toml(text, name);
  if (!node) {
    faults.insert(faults.end(), node.error().begin(), node.error().end());
    return;
  }
  Report report;
  report.document = name;
  FileText file;
  Reader reader(*node, "", report);
  describe(reader, file);
  reader.finish();
  answer::Family family{family_name, file.order, file.providers, {}};
  for (std::size_t i = 0; i < file.rules.size(); ++i) {
    RuleText& from = file.rules[i];
    const std::string path = "rules[" + std::to_string(i) + "]";
    from.rule.place = report.places[path];
    if (from.rule.match.empty() && from.rule.codes.empty() && from.rule.statuses.empty())
      report.add(path, "fits every reply", "give match, code or status");
    for (const std::string& stage : from.stages)
      for (const auto& [word, value] : kStages)
        if (word == stage) from.rule.stages.push_back(value);
    const auto named = std::ranges::find(file.patterns, from.rule.unless, &PatternText::name);
    if (named != file.patterns.end()) from.rule.unless = named->match;
    if (!from.reaction.empty()) from.rule.reaction = reaction_of(from.reaction);
    family.rules.push_back(std::move(from.rule));
  }
  faults.insert(faults.end(), report.faults.begin(), report.faults.end());
  if (!report.faults.empty()) return;
  for (auto& [kind_name, from] : file.kinds) {
    answer::Kind kind{kind_name,     *answer::find_group(from.group), std::nullopt,
                      from.suppress, reaction_of(from.reaction),      std::move(from.advice)};
    if (!from.outcome.empty()) kind.bounced = from.outcome == "bounced";
    book.kinds.push_back(std::move(kind));
  }
  if (!family.rules.empty()) book.families.push_back(std::move(family));
}

}  // namespace

std::expected<answer::RuleBook, Faults> load_bounce_rules(const std::filesystem::path& folder) {
  struct Source {
    std::string name;
    std::string text;
  };
  std::map<std::string, Source> files;  // by family
  for (const embedded::File& file : embedded::bounces_files()) {
    const std::filesystem::path path(file.path);
    files[path.stem().string()] = {path.string(), std::string(file.text)};
  }
  Faults faults;
  if (!folder.empty()) {
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
      if (entry.path().extension() != ".toml") continue;
      std::ifstream in(entry.path(), std::ios::binary);
      files[entry.path().stem().string()] = {entry.path().string(),
                                             {std::istreambuf_iterator<char>(in), {}}};
      if (!in) faults.push_back({entry.path().string(), "cannot be read", ""});
    }
    if (failed)
      faults.push_back({folder.string(), "is no readable folder: " + failed.message(), ""});
  }
  answer::RuleBook book;
  for (const auto& [family, source] : files) add(source.text, source.name, family, book, faults);
  if (!faults.empty()) return std::unexpected(std::move(faults));
  return book;
}

}  // namespace hongyan::config
