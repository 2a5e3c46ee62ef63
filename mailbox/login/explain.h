#pragma once

#include "base/fault.h"
#include "mailbox/login/rules.h"

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::login {

// What went wrong, as the driver of a session saw it.
struct Failure {
  std::string_view provider;  // id of the catalogue, of the server connected to; empty: unknown
  Protocol protocol = Protocol::kImap;
  Stage stage = Stage::kLogin;
  // "535"; "NO", "BAD", "BYE"; an HTTP status; or, when no answer came, the cause of
  // smtp::OpenFailure and imap::Failure: "connect-refused", "tls-unverified" ...
  std::string_view code;
  std::string_view text;  // raw bytes of the peer, or the cause's detail
  bool worked = false;    // the mailbox has worked before
  bool token = false;     // the secret was an access token (OAuth2)
};

struct Verdict {
  Conclusion says;
  std::string rule;              // "netease/authentication-failed"; empty: no rule fits
  std::vector<Bilingual> hints;  // what else may be behind it
};

// Says what a failed log-in means. The rules are data (configs/login_errors.toml).
//
// Thread: any number, at once.
class Explainer {
 public:
  // The rules that travel in the binary.
  static std::expected<std::shared_ptr<const Explainer>, Faults> built_in();
  // Faults: patterns that are none.
  static std::expected<std::shared_ptr<const Explainer>, Faults> create(RuleBook book);
  ~Explainer();

  Verdict explain(const Failure& failure) const;
  // Rules whose example they do not fit (dead) or another answers first (shadowed), at any of the
  // family's providers and, when they are unmistakable, at one nobody knows.
  Faults check_examples() const;
  const RuleBook& book() const { return book_; }

 private:
  struct Found {
    const Family* family = nullptr;
    const Rule* rule = nullptr;
  };
  struct Patterns;
  explicit Explainer(RuleBook book);
  Found find(const Failure& failure) const;
  void check_example(const Family& family, const Rule& rule, std::string_view provider,
                     Faults& faults) const;

  RuleBook book_;
  std::unique_ptr<Patterns> patterns_;
};

}  // namespace hongyan::login
