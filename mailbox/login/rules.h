#pragma once

#include "base/bilingual.h"
#include "base/clock.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::login {

enum class Protocol : unsigned char { kImap, kSmtp, kOAuth };
std::string_view protocol_name(Protocol protocol);

// What was being done; in the order of a session.
enum class Stage : unsigned char {
  kLookup,
  kConnect,
  kTls,
  kGreeting,
  kToken,  // at the token endpoint, of OAuth2
  kLogin,
  kId,
  kSelect,
  kMail,
  kRcpt,
  kData,
};
std::string_view stage_name(Stage stage);

enum class Responsible : unsigned char { kUser, kAdministrator, kProvider, kHongyan };
std::string_view responsible_name(Responsible who);

// May the provider's next pair of servers be tried?
enum class Backup : unsigned char { kNever, kAfterTwo, kAtOnce };  // kAfterTwo: failures in a row
std::string_view backup_name(Backup backup);

// What a running mailbox does.
enum class Reaction : unsigned char {
  kNewSecret,  // it needs a new code; mail waits
  kStop,       // nothing more until somebody has acted
  kWait,       // goes on after the pause
  kRetry,      // tries again after the pauses, by itself
  kSwitch,     // other servers at once
  kRefresh,    // a new access token, once; then it needs a new sign-in
  kIdentify,   // says who it is (IMAP ID), connects again
  kFix,        // our message or settings are wrong: the same again fails again
};
std::string_view reaction_name(Reaction reaction);

// What a failure means. A class says it; a rule may say it more precisely.
struct Conclusion {
  std::string class_name;  // "need-code"
  Bilingual cause;         // a sentence
  Bilingual todo;          // sentences
  Responsible who = Responsible::kUser;
  std::string with_token;     // the class when the secret was an access token; empty: the same
  bool refused = false;       // the secret was, or may have been, refused: never try it again
  std::vector<Millis> waits;  // before the first further try, the second ...; empty: no use
  Backup backup = Backup::kNever;
  Reaction reaction = Reaction::kStop;
  int strikes = 0;  // so many in a row, and a running mailbox needs a new secret; 0: never
};

struct Rule {
  std::string name;                 // unique in its family
  std::vector<Protocol> protocols;  // empty: any; so for the next two
  std::vector<Stage> stages;
  std::vector<std::string> codes;  // beginnings: "535", "4", "NO", "connect-refused"
  std::string match;               // RE2, any case, over "CODE text"; empty: any text
  std::string unless;
  bool unmistakable = false;  // nobody else says so: holds for other providers too
  Conclusion says;
  std::string example;  // "CODE text"
  std::string place;    // "configs/login_errors.toml:120"
};

// The rules of providers that speak alike, in order: the first that fits counts.
struct Family {
  std::string name;
  int order = 0;
  std::vector<std::string> providers;  // ids of the catalogue; empty: anybody, asked last
  std::vector<Rule> rules;
};

// What else may be behind a failure.
struct Hint {
  std::string name;
  std::vector<std::string> providers;  // empty: any
  std::vector<std::string> classes;
  bool only_if_worked = false;  // only of a mailbox that worked before
  Bilingual text;
};

struct RuleBook {
  std::vector<Conclusion> classes;
  // What no rule fits: when logging in, which counts as a refusal; and at any other stage.
  Conclusion unknown, other;
  std::vector<Family> families;
  std::vector<Hint> hints;
};

}  // namespace hongyan::login
