#pragma once

#include "base/clock.h"
#include "base/money.h"
#include "engine/config/secret.h"
#include "scheduler/limits.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// What all engines must agree on (CONTRACT 5, fleet part). Compared and published as canonical
// JSON (engine/config/canonical.h).
namespace hongyan::config {

enum class TlsMode : unsigned char {
  kOff,            // never STARTTLS
  kOpportunistic,  // STARTTLS when offered, whatever the certificate
  kRequired,       // no delivery without TLS, whatever the certificate
  kVerified,       // no delivery without TLS and a certificate of that name
};

// A smart host that takes the messages of a source.
struct Relay {
  std::string host;  // a name or an address; may not be resolved by MX
  int port = 587;
  TlsMode tls = TlsMode::kVerified;
  bool implicit_tls = false;  // from the first byte; on port 465 always
  std::string username;       // empty: no AUTH
  Secret password;            // its place is published, its value never
  int connections = 10;
  std::vector<scheduler::Rate> rates;  // none: as fast as it takes them
};

// One egress.
struct Source {
  std::string address;               // local IP to bind; empty: the system chooses
  std::string proxy;                 // "ip:port", which has `address` instead of this host
  std::string ehlo;                  // required
  std::vector<std::string> engines;  // ids that may use it; empty: any engine
  // The first day on which it sends, "2026-11-20": from then on the day's messages to each provider
  // follow a curve. Empty: it is warm.
  std::string warmup_start;
  std::optional<Relay> relay;
};

// A key that signs a channel's messages; two of one domain sign both.
struct DkimKey {
  std::string domain;    // d=, A-labels
  std::string selector;  // s=
  std::string key;       // path of the private key; each engine reads its own copy
};

struct Channel {
  MicroYuan price;  // required, per accepted recipient; fixed in a job at intake
  std::vector<std::string> sources;
  std::string envelope_sender;    // required: where bounces go
  bool verp = false;              // each message has a return path of its own (bounce+TAG@...)
  std::string message_id_domain;  // default: the domain of envelope_sender
  // Where the pages of [public] are seen from outside: "https://u.example.cn/u"; empty: no links.
  std::string unsubscribe_url;
  bool unsubscribe_mail = false;  // mail to envelope_sender+TAG unsubscribes
  TlsMode tls = TlsMode::kOpportunistic;
  // Over all lanes of the channel; 0 or empty: no limit.
  int connections = 0;
  std::vector<scheduler::Rate> rates;
  // Wait after the first attempt, the second, ...; the last repeats.
  std::vector<Millis> retry = {std::chrono::minutes(5),  std::chrono::minutes(15),
                               std::chrono::minutes(30), std::chrono::hours(1),
                               std::chrono::hours(2),    std::chrono::hours(4)};
  double retry_jitter = 0.1;                     // a wait is multiplied by 1 - jitter .. 1 + jitter
  Millis retry_expiry = std::chrono::hours(72);  // after the first attempt
  Millis in_doubt_delay = std::chrono::minutes(15);
  std::vector<DkimKey> dkim;  // the first domain signs for From domains that align with none
};

struct Tenant {
  std::vector<std::string> from_domains;  // lower case; at least one
  bool prepaid = false;
  MicroYuan low_balance;  // a free balance below it is an event; 0: when not one price is left
};

// A named receiver; its values start a lane's pace. configs/providers/*.toml travel in the binary
// and [provider.NAME] of the file overrides single keys of them or adds a provider.
struct Provider {
  std::string title;
  std::vector<std::string> mx;   // "mx.example.cn" exactly, or ".example.cn": any host below
  scheduler::LaneLimits limits;  // an empty curve: that of the others
  std::optional<TlsMode> tls;    // unset: the channel's
};

// Sends one domain to a fixed host instead of its MX.
struct StaticRoute {
  std::string domain;
  std::string host;
  int port = 25;
  std::string provider;  // a named provider; empty: a name derived from the host
};

struct Retention {
  Millis jobs = std::chrono::days(30);     // after a job's end
  Millis ledger = std::chrono::days(400);  // and tombstones
  std::int64_t events = 1'000'000;         // entries of hongyan:events
  std::int64_t dead = 10'000;              // entries of hongyan:dead
};

// What happens in bound mailboxes, mailed to whom their users name.
struct MailboxNotices {
  std::string from;    // an address of the tenant
  std::string tenant;  // who pays for the mails
  std::string channel;
  Millis every = std::chrono::minutes(15);  // at most one mail of a mailbox in so long
};

// Mailboxes that users have bound: 1-on-1 mail only.
struct MailboxSettings {
  std::string timezone = "Asia/Shanghai";  // of days and hours
  std::string opens = "07:00";             // letters leave between these; equal: all day
  std::string closes = "23:00";
  // So many people may get the same letter from a mailbox, or from all of a tenant's, in a while.
  int alike_people = 20;
  Millis alike_window = std::chrono::hours(24);
  // Where the pages of [public] are seen from outside, for tracked letters; empty: none is tracked.
  std::string tracking_url;
  std::optional<MailboxNotices> notify;  // unset: nobody is told by mail
};

// Start values for a lane whose provider has no name.
struct OtherProviders {
  scheduler::LaneLimits limits = {
      2, 20, {{30, std::chrono::minutes(1), 1}}, {50,     70,     100,    140,   200,   280,
                                                  400,    550,    750,    1000,  1500,  2000,
                                                  3000,   4000,   5500,   8000,  11000, 15000,
                                                  20000,  30000,  40000,  55000, 80000, 110000,
                                                  150000, 200000, 300000, 400000}};
  std::optional<TlsMode> tls;
};

// Reports to receivers on how TLS went with them (RFC 8460), mailed each day.
struct TlsReporting {
  std::string organization;  // who reports
  std::string contact;       // an address: From of the reports; its domain is the submitter
  std::string tenant;        // who pays for them
  std::string channel;
  Millis spread = std::chrono::hours(4);  // of the day after, in which they leave at some moment
};

// A provider's sign-in for mailboxes (OAuth2), and who we are to it. configs/oauth2.toml travels in
// the binary and [oauth2.NAME] of the file overrides single keys of it or adds one.
struct OAuth2 {
  std::string authorization_url;  // where people sign in; may have a query
  std::string token_url;
  std::string scope;      // separated by blanks
  std::string client_id;  // empty: nobody has registered Hongyan there
  Secret client_secret;   // unset: a public client; its place is published, its value never
};

struct Fleet {
  std::string billing_timezone = "Asia/Shanghai";
  std::map<std::string, Source> sources;
  std::map<std::string, Channel> channels;
  std::map<std::string, Tenant> tenants;
  std::map<std::string, Provider> providers;
  OtherProviders other;
  std::vector<StaticRoute> routes;
  Retention retention;
  std::optional<TlsReporting> tls_rpt;  // unset: no reports are sent
  MailboxSettings mailbox;
  std::map<std::string, OAuth2> oauth2;
};

}  // namespace hongyan::config
