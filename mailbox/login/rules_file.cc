#include "mailbox/login/rules_file.h"

#include "base/duration.h"
#include "base/text.h"
#include "base/words.h"
#include "engine/config/reader.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace hongyan::login {
namespace {

using config::Reader;
using config::Report;

constexpr std::string_view kUnknown = "unknown";
constexpr std::string_view kOther = "other";

std::string check_protocol(std::string_view text) {
  return check_word(text, protocol_name, Protocol::kOAuth);
}
std::string check_stage(std::string_view text) {
  return check_word(text, stage_name, Stage::kData);
}
std::string check_who(std::string_view text) {
  return check_word(text, responsible_name, Responsible::kHongyan);
}
std::string check_backup(std::string_view text) {
  return check_word(text, backup_name, Backup::kAtOnce);
}
std::string check_reaction(std::string_view text) {
  return check_word(text, reaction_name, Reaction::kFix);
}
std::string check_when(std::string_view text) {
  return text == "worked" ? "" : "must be worked";
}

// What a class says, or a rule instead of its class.
struct ConclusionText {
  std::string who, backup, reaction;
  Bilingual cause, todo;
  bool refused = false;
  std::vector<std::string> waits;
  int strikes = -1;
};
std::string check_span(std::string_view text) {
  const auto span = parse_duration(text);
  if (!span) return span.error().detail;
  return span->count() > 0 ? "" : "must be more than nothing";
}
void describe_conclusion(Reader& v, ConclusionText& t) {
  v.field("who", t.who, check_who);
  v.field("cause", t.cause);
  v.field("todo", t.todo);
  v.field("wait", t.waits, check_span);
  v.field("backup", t.backup, check_backup);
  v.field("reaction", t.reaction, check_reaction);
  v.field("strikes", t.strikes, 0, 10);
}

struct ClassText : ConclusionText {
  std::string with_token;
};
void describe(Reader& v, ClassText& t) {
  for (const char* key : {"who", "cause", "todo", "reaction"}) v.required(key);
  v.field("refused", t.refused);
  v.field("with_token", t.with_token);
  describe_conclusion(v, t);
}

struct RuleText : ConclusionText {
  Rule rule;
  std::string class_name;
  std::vector<std::string> protocols, stages;
};
void describe(Reader& v, RuleText& t) {
  for (const char* key : {"name", "class", "example"}) v.required(key);
  v.field("name", t.rule.name, config::check_name);
  v.field("protocol", t.protocols, check_protocol);
  v.field("stage", t.stages, check_stage);
  v.field("code", t.rule.codes, config::check_not_empty);
  v.field("match", t.rule.match);
  v.field("unless", t.rule.unless);
  v.field("unmistakable", t.rule.unmistakable);
  v.field("class", t.class_name);
  v.field("example", t.rule.example);
  describe_conclusion(v, t);
}

struct FamilyText {
  std::string name;
  int order = 0;
  std::vector<std::string> providers;
  std::vector<RuleText> rules;
};
void describe(Reader& v, FamilyText& t) {
  v.required("name");
  v.field("name", t.name, config::check_name);
  v.field("order", t.order, 0, 1000);
  v.field("providers", t.providers, config::check_name);
  v.required("rules");
  v.list("rules", t.rules);
}

struct HintText {
  Hint hint;
  std::string when;
};
void describe(Reader& v, HintText& t) {
  for (const char* key : {"name", "class", "text"}) v.required(key);
  v.field("name", t.hint.name, config::check_name);
  v.field("providers", t.hint.providers, config::check_name);
  v.field("class", t.hint.classes, config::check_name);
  v.field("when", t.when, check_when);
  v.field("text", t.hint.text);
}

struct FileText {
  std::map<std::string, ClassText> classes;
  std::vector<FamilyText> families;
  std::vector<HintText> hints;
};
void describe(Reader& v, FileText& t) {
  v.tables("class", t.classes, config::check_name);
  v.list("family", t.families);
  v.list("hint", t.hints);
}

// Puts what is given in the place of what stands there.
void apply(const ConclusionText& t, bool waits_given, Conclusion& to) {
  if (const auto who = find_word(t.who, responsible_name, Responsible::kHongyan)) to.who = *who;
  if (!t.cause.empty()) to.cause = t.cause;
  if (!t.todo.empty()) to.todo = t.todo;
  if (const auto backup = find_word(t.backup, backup_name, Backup::kAtOnce)) to.backup = *backup;
  if (const auto reaction = find_word(t.reaction, reaction_name, Reaction::kFix))
    to.reaction = *reaction;
  if (t.strikes >= 0) to.strikes = t.strikes;
  if (!waits_given) return;
  to.waits.clear();
  for (const std::string& wait : t.waits) to.waits.push_back(*parse_duration(wait));
}

void check_sense(const Conclusion& says, const std::string& path, Report& report) {
  if (says.refused && says.backup != Backup::kNever)
    report.add(path, "would give a refused secret to other servers", "backup must be never");
  if (says.refused && (says.reaction == Reaction::kRetry || says.reaction == Reaction::kSwitch))
    report.add(path, "would try a refused secret again", "another reaction is needed");
  if (says.reaction == Reaction::kSwitch && says.backup == Backup::kNever)
    report.add(path, "has the reaction switch and no other servers", "backup must be at-once");
  if ((says.reaction == Reaction::kWait || says.reaction == Reaction::kRetry) && says.waits.empty())
    report.add(path, "waits, but does not say how long", "wait = [\"15m\"]");
}

// True: the name was not there yet.
bool take(std::set<std::string>& names, const std::string& name, const std::string& path,
          Report& report) {
  if (names.insert(name).second) return true;
  report.add(path, "the name '" + name + "' is taken");
  return false;
}

class Assembler {
 public:
  Assembler(FileText file, Report& report) : file_(std::move(file)), report_(report) {}

  RuleBook book() {
    add_classes();
    for (std::size_t i = 0; i < file_.families.size(); ++i)
      add_family(file_.families[i], "family[" + std::to_string(i) + "]");
    std::set<std::string> names;
    for (std::size_t i = 0; i < file_.hints.size(); ++i) {
      const std::string path = "hint[" + std::to_string(i) + "]";
      HintText& t = file_.hints[i];
      take(names, t.hint.name, path, report_);
      for (const std::string& name : t.hint.classes) find_class(name, path + ".class");
      t.hint.only_if_worked = !t.when.empty();
      book_.hints.push_back(std::move(t.hint));
    }
    for (const Conclusion& one : book_.classes) {
      const std::string path = "class." + one.class_name;
      if (!one.with_token.empty()) find_class(one.with_token, path + ".with_token");
      if (!used_.contains(one.class_name) && one.class_name != kUnknown && one.class_name != kOther)
        report_.add(path, "is used by no rule");
    }
    if (const Conclusion* says = find_class(std::string(kUnknown), "class")) book_.unknown = *says;
    if (const Conclusion* says = find_class(std::string(kOther), "class")) book_.other = *says;
    return std::move(book_);
  }

 private:
  bool was_given(const std::string& path, const char* key) const {
    return report_.places.contains(path + "." + key);
  }

  void add_classes() {
    for (const auto& [name, t] : file_.classes) {
      Conclusion says;
      says.class_name = name;
      says.refused = t.refused;
      says.with_token = t.with_token;
      apply(t, true, says);
      check_sense(says, "class." + name, report_);
      book_.classes.push_back(std::move(says));
    }
  }

  const Conclusion* find_class(const std::string& name, const std::string& path) {
    const auto at = std::ranges::find(book_.classes, name, &Conclusion::class_name);
    if (at != book_.classes.end()) return &*at;
    std::vector<std::string> names;
    for (const Conclusion& one : book_.classes) names.push_back(one.class_name);
    const auto meant = nearest(name, names);
    report_.add(path, "there is no class '" + name + "'",
                meant ? "did you mean '" + *meant + "'?" : "");
    return nullptr;
  }

  void add_family(FamilyText& t, const std::string& path) {
    take(families_, t.name, path, report_);
    Family family{t.name, t.order, t.providers, {}};
    std::set<std::string> names;
    for (std::size_t i = 0; i < t.rules.size(); ++i) {
      const std::string at = path + ".rules[" + std::to_string(i) + "]";
      RuleText& from = t.rules[i];
      take(names, from.rule.name, at, report_);
      if (from.rule.match.empty() && from.rule.codes.empty())
        report_.add(at, "fits every failure", "give match or code");
      if (from.rule.unmistakable && from.rule.match.empty())
        report_.add(at, "has no words that could be unmistakable", "give match");
      for (const std::string& word : from.protocols)
        from.rule.protocols.push_back(*find_word(word, protocol_name, Protocol::kOAuth));
      for (const std::string& word : from.stages)
        from.rule.stages.push_back(*find_word(word, stage_name, Stage::kData));
      from.rule.place = report_.places[at];
      if (const Conclusion* says = find_class(from.class_name, at + ".class")) {
        used_.insert(says->class_name);
        from.rule.says = *says;
        apply(from, was_given(at, "wait"), from.rule.says);
        check_sense(from.rule.says, at, report_);
      }
      family.rules.push_back(std::move(from.rule));
    }
    book_.families.push_back(std::move(family));
  }

  FileText file_;
  Report& report_;
  RuleBook book_;
  std::set<std::string> used_, families_;
};

}  // namespace

std::expected<RuleBook, Faults> read_rules(std::string_view text, const std::string& name) {
  const auto node = config::parse_toml(text, name);
  if (!node) return std::unexpected(node.error());
  Report report;
  report.document = name;
  FileText file;
  Reader reader(*node, "", report);
  describe(reader, file);
  reader.finish();
  RuleBook book = Assembler(std::move(file), report).book();
  if (!report.faults.empty()) return std::unexpected(std::move(report.faults));
  return book;
}

}  // namespace hongyan::login
