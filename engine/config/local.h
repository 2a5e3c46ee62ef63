#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "engine/config/secret.h"

#include <cstdint>
#include <string>
#include <vector>

// What one engine needs to know of its own host (CONTRACT 5, local part).
namespace hongyan::config {

struct EngineSettings {
  std::string id;            // default: the host name; "env:NAME" in the file: what NAME holds
  int workers = 0;           // 0 in the file: one per core; never 0 after loading
  std::string bounce_rules;  // folder of rules of one's own (configs/bounces); empty: none
  Millis drain_timeout = std::chrono::seconds(30);
  // How long claimed recipients stay ours without a sign of life; extended four times as often.
  Millis lease = std::chrono::seconds(20);
  double pace_time_scale = 1;        // of all pauses and steps of the pace; below 1: a rehearsal
  std::vector<std::string> sources;  // as written; Local::sources_here is what holds
};

struct RedisSettings {
  std::string url = "redis://127.0.0.1:6379";  // redis://, rediss://, unix:, embedded:
  Secret password;
  std::string ca_file;  // for rediss://; empty: the system's
};

struct DnsSettings {
  std::vector<std::string> servers;  // "ip", "ip:port" or "[ip6]:port"; empty: the system's
  Millis timeout = std::chrono::seconds(5);
  bool trust_ad = false;  // the servers validate and the way to them is safe: DANE holds
};

// RFC 5321 4.5.3.2, the limits a client grants a receiver.
struct SmtpTimeouts {
  Millis connect = std::chrono::seconds(30);
  Millis greeting = std::chrono::minutes(5);
  Millis command = std::chrono::minutes(5);  // EHLO, MAIL, RCPT, STARTTLS, AUTH, QUIT
  Millis data_start = std::chrono::minutes(2);
  Millis content_block = std::chrono::minutes(3);
  Millis content_end = std::chrono::minutes(10);
  Millis tls_handshake = std::chrono::seconds(30);
  Millis idle = std::chrono::seconds(5);  // an open connection with nothing to send
};

struct SmtpSettings {
  int port = 25;
  // CIDR ranges a peer may be in although they are loopback, private, link-local ...
  std::vector<std::string> allow_networks;
  std::string ca_file;  // whose certificates `verified` trusts; empty: the system's
  SmtpTimeouts timeouts;
};

// MTA-STS (RFC 8461).
struct StsSettings {
  bool enabled = true;
  int port = 443;  // of policy hosts
};

struct HttpSettings {
  std::string listen = "127.0.0.1:8925";  // "ip:port" or "[ip6]:port"; port 0: any
  Secret bearer_token;                    // for /metrics/billing; unset: open
};

// Pages for recipients: unsubscribing. Nothing else is served there.
struct PublicSettings {
  std::string listen;            // "ip:port" or "[ip6]:port"; empty: off
  std::string certificate_file;  // PEM with its chain; empty: a proxy in front speaks TLS
  std::string key_file;
};

// The listener for mail that comes back: bounces, complaints, wishes to leave.
struct InboundSettings {
  std::string listen;  // "ip:port" or "[ip6]:port"; empty: off
  bool lmtp = false;   // LMTP, behind a mail server; otherwise SMTP
  std::string host;    // how it calls itself; default: the machine's name
  // Taken besides the addresses that carry a valid tag: where feedback reports go.
  std::vector<std::string> addresses;
  std::string certificate_file;  // PEM with its chain; with it STARTTLS is offered
  std::string key_file;
  int connections = 64;
  std::int64_t max_bytes = 32LL * 1024 * 1024;  // of a mail; the first 256 KiB are read
};

// Where the master key is that secrets of mailboxes are sealed under (mailbox/vault). Paths only:
// the vault reads the files itself and refuses those that others may read. HONGYAN_VAULT_KEY stands
// in for key_file.
struct VaultSettings {
  std::string key_file;
  std::string passphrase_file;
  std::vector<std::string> previous_key_files;  // these only open
  std::vector<std::string> previous_passphrase_files;
};

// Who is told at once of mail in bound mailboxes and of trouble with them (mailbox/office/hook.h).
struct MailboxHookSettings {
  std::string url;      // empty: nobody
  Secret secret;        // what it is signed with
  std::string ca_file;  // roots its certificate is verified against; empty: the system's
};

struct LogSettings {
  log::Level level = log::Level::kInfo;
  bool outcomes = true;  // one line per outcome
  bool json = false;     // one JSON object a line
};

struct Local {
  std::string folder;  // of the file: relative paths start here
  EngineSettings engine;
  RedisSettings redis;
  DnsSettings dns;
  SmtpSettings smtp;
  StsSettings sts;
  HttpSettings http;
  PublicSettings public_pages;
  InboundSettings inbound;
  VaultSettings vault;
  MailboxHookSettings mailbox_hook;
  LogSettings log;
  // The sources this engine may send from, sorted: engine.sources when given, else every source
  // whose `engines` names engine.id or is empty.
  std::vector<std::string> sources_here;
};

}  // namespace hongyan::config
