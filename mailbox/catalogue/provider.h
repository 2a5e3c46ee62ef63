#pragma once

#include "base/bilingual.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::mailbox {

// TLS from the first byte (RFC 8314), or after STARTTLS. There is no third way: no secret travels
// in the clear.
enum class Tls : unsigned char { kImplicit, kStartTls };
std::string_view tls_name(Tls tls);

struct Server {
  std::string host;
  std::uint16_t port = 0;
  Tls tls = Tls::kImplicit;

  // "imap.gmail.com:993 implicit"
  std::string text() const;
  friend bool operator==(const Server&, const Server&) = default;
};
std::optional<Server> parse_server(std::string_view text);

struct ServerPair {
  std::optional<Server> imap;  // none: sends only
  Server smtp;
  friend bool operator==(const ServerPair&, const ServerPair&) = default;
};

enum class SecretKind : unsigned char {
  kAppPassword,
  kAuthCode,
  kClientPassword,
  kDedicatedPassword,
  kIndependentPassword,
  kLoginPassword,
  kOAuth2,  // there is none: the user signs in at the provider
};
std::string_view secret_kind_name(SecretKind kind);

enum class Characters : unsigned char { kAny, kLetters, kLettersAndDigits, kLettersAndHyphens };
std::string_view characters_name(Characters characters);

// What stands in the password's place.
struct SecretForm {
  SecretKind kind = SecretKind::kLoginPassword;
  Bilingual called;  // the provider's own name for it
  // Of the normalised secret; 0, 0: not fixed.
  int least = 0, most = 0;
  Characters characters = Characters::kAny;
  std::string strip;     // characters that are for the eye only: " -"
  bool expires = false;  // the day is chosen, or shown, when it is made
};

// How an account is made ready; providers of one house share one.
struct Setup {
  std::string name;
  SecretForm secret;
  std::string page;   // where the web mail is
  Bilingual enable;   // what must be switched on, with the path; empty: nothing
  Bilingual make;     // where the secret is made
  Bilingual admin;    // what the administrator must allow first; empty: nothing
  Bilingual caution;  // what else makes a binding fail; empty: nothing
};

enum class Kind : unsigned char { kPersonal, kEnterprise };
std::string_view kind_name(Kind kind);

enum class OAuth2 : unsigned char { kNo, kPossible, kOnly };
std::string_view oauth2_name(OAuth2 oauth2);

enum class UserName : unsigned char { kAddress, kLocalPart };
std::string_view user_name_name(UserName rule);

// Whether a message sent over SMTP shows up in Sent without our help.
enum class SavesSent : unsigned char {
  kNo,
  kYes,
  kUnsure,  // the user's setting decides, or nobody says: look there before appending
};
std::string_view saves_sent_name(SavesSent saves);

// Messages a day that the provider tells or that are told of it.
struct DailyLimit {
  enum class Scope : unsigned char { kAccount, kDomain };
  int messages = 0;
  Scope scope = Scope::kAccount;
};
std::string_view scope_name(DailyLimit::Scope scope);

struct Provider {
  std::string id;
  Bilingual name;
  Kind kind = Kind::kPersonal;
  std::vector<std::string> domains;  // lower case; ".onmicrosoft.com": everything below
  std::vector<std::string> mx;       // suffixes of MX hosts of other domains that it serves
  std::vector<ServerPair> servers;   // recommended first; "{domain}" stands for the user's
  std::string setup;
  OAuth2 oauth2 = OAuth2::kNo;
  std::string oauth2_at;  // NAME of the [oauth2.NAME] where its users sign in; empty: none known
  UserName imap_user = UserName::kAddress;
  bool needs_imap_id = false;  // refuses SELECT without it (RFC 2971)
  SavesSent saves_sent = SavesSent::kUnsure;
  std::optional<DailyLimit> limit;  // none: not published
  std::vector<std::string> advice;
  Bilingual note;  // empty: none
  std::vector<std::string> sources;
};

// The day's cap of a mailbox whose provider publishes none (stable phase of the ramp).
inline constexpr int kUnpublishedDailyLimit = 300;

}  // namespace hongyan::mailbox
