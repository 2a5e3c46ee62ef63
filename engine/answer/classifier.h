#pragma once

#include "base/fault.h"
#include "engine/answer/rules.h"

#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::answer {

struct Reply {
  std::string_view provider;  // a named one, or anything else: not known
  scheduler::Stage stage = scheduler::Stage::kRcpt;
  int code = 0;               // 0: none
  std::string_view enhanced;  // "5.1.1", or empty
  std::string_view text;      // raw bytes of the peer
};

struct Meaning {
  Group group = Group::kOther;
  bool bounced = false;   // otherwise deferred
  bool suppress = false;  // never again, to nobody's address of this spelling
  scheduler::LaneReaction reaction;
  const Kind* kind = nullptr;  // nullptr: no rule fits; lives as long as the classifier
  const Rule* rule = nullptr;
  const Family* family = nullptr;

  std::string rule_name() const;  // "netease/dt-spm", or empty
};

// Says what a refusal means: the receiver's own rules first, then what everybody says, then codes.
// Pure; the rules are data (configs/bounces).
//
// Thread: any number, at once.
class Classifier {
 public:
  // Faults, all at once, by place: a pattern that is none, an unknown kind, a name or a match that
  // is there twice, an example its rule does not fit (dead) or another answers first (shadowed).
  static std::expected<std::shared_ptr<const Classifier>, Faults> create(RuleBook book);
  ~Classifier();

  Meaning classify(const Reply& reply) const;
  const RuleBook& book() const { return book_; }

 private:
  struct Chain;
  explicit Classifier(RuleBook book);
  const Chain& chain_of(std::string_view provider) const;
  void check_example(const Family& family, const Rule& rule, Faults& faults) const;

  RuleBook book_;
  std::map<std::string, const Kind*, std::less<>> kinds_;
  std::map<std::string, std::shared_ptr<const Chain>, std::less<>> chains_;  // by provider
  std::shared_ptr<const Chain> unknown_;  // the receiver is not known: all families
};

}  // namespace hongyan::answer
