#pragma once

#include "engine/config/checks.h"
#include "engine/config/local.h"

#include <concepts>
#include <type_traits>

// The keys of the local tables, once. Visitor is Reader (file or published JSON → struct) or Writer
// (struct → canonical JSON, `config show`), so that both always know the same keys.
namespace hongyan::config {

inline constexpr Millis kTick{1};
inline constexpr Millis kSecond = std::chrono::seconds(1);
inline constexpr Millis kHour = std::chrono::hours(1);
inline constexpr Millis kDay = std::chrono::days(1);

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, EngineSettings>
void describe(V& v, T& t) {
  v.field("id", t.id, check_engine_id);
  v.field("workers", t.workers, 0, 256);
  v.field("pace_time_scale", t.pace_time_scale, 0.001, 1.0);
  v.field("drain_timeout", t.drain_timeout, kTick, kHour);
  v.field("lease", t.lease, kSecond, kHour);
  v.field("sources", t.sources, check_name);
  v.field("bounce_rules", t.bounce_rules, check_nothing);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, RedisSettings>
void describe(V& v, T& t) {
  v.url("url", t.url);
  v.field("password", t.password);
  v.field("ca_file", t.ca_file, check_nothing);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, DnsSettings>
void describe(V& v, T& t) {
  v.field("servers", t.servers, check_dns_server);
  v.field("timeout", t.timeout, kTick, 60 * kSecond);
  v.field("trust_ad", t.trust_ad);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, SmtpTimeouts>
void describe(V& v, T& t) {
  v.field("connect", t.connect, kTick, kHour);
  v.field("greeting", t.greeting, kTick, kHour);
  v.field("command", t.command, kTick, kHour);
  v.field("data_start", t.data_start, kTick, kHour);
  v.field("content_block", t.content_block, kTick, kHour);
  v.field("content_end", t.content_end, kTick, kHour);
  v.field("tls_handshake", t.tls_handshake, kTick, kHour);
  v.field("idle", t.idle, Millis(0), kHour);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, SmtpSettings>
void describe(V& v, T& t) {
  v.field("port", t.port, 1, 65'535);
  v.field("allow_networks", t.allow_networks, check_network);
  v.field("ca_file", t.ca_file, check_nothing);
  v.table("timeouts", t.timeouts);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, StsSettings>
void describe(V& v, T& t) {
  v.field("enabled", t.enabled);
  v.field("port", t.port, 1, 65'535);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, HttpSettings>
void describe(V& v, T& t) {
  v.field("listen", t.listen, check_endpoint);
  v.field("bearer_token", t.bearer_token);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, PublicSettings>
void describe(V& v, T& t) {
  v.field("listen", t.listen, check_endpoint_or_empty);
  v.field("certificate_file", t.certificate_file, check_nothing);
  v.field("key_file", t.key_file, check_nothing);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, InboundSettings>
void describe(V& v, T& t) {
  v.field("listen", t.listen, check_endpoint_or_empty);
  v.field("lmtp", t.lmtp);
  v.field("host", t.host, check_domain);
  v.field("addresses", t.addresses, check_mailbox);
  v.field("certificate_file", t.certificate_file, check_nothing);
  v.field("key_file", t.key_file, check_nothing);
  v.field("connections", t.connections, 1, 10'000);
  v.field("max_bytes", t.max_bytes, 64 * 1024, 1'000'000'000);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, VaultSettings>
void describe(V& v, T& t) {
  v.field("key_file", t.key_file, check_nothing);
  v.field("passphrase_file", t.passphrase_file, check_nothing);
  v.field("previous_key_files", t.previous_key_files, check_not_empty);
  v.field("previous_passphrase_files", t.previous_passphrase_files, check_not_empty);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, MailboxHookSettings>
void describe(V& v, T& t) {
  v.field("url", t.url, check_hook_url);
  v.field("secret", t.secret);
  v.field("ca_file", t.ca_file, check_nothing);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, LogSettings>
void describe(V& v, T& t) {
  v.field("level", t.level);
  v.field("outcomes", t.outcomes);
  v.field("json", t.json);
}

template <class V, class T>
void describe_local(V& v, T& t) {
  v.table("engine", t.engine);
  v.table("redis", t.redis);
  v.table("dns", t.dns);
  v.table("smtp", t.smtp);
  v.table("sts", t.sts);
  v.table("http", t.http);
  v.table("public", t.public_pages);
  v.table("inbound", t.inbound);
  v.table("vault", t.vault);
  v.table("mailbox_hook", t.mailbox_hook);
  v.table("log", t.log);
}

}  // namespace hongyan::config
