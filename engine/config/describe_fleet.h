#pragma once

#include "engine/config/checks.h"
#include "engine/config/describe_local.h"
#include "engine/config/fleet.h"

#include <concepts>
#include <type_traits>

// The keys of the fleet tables, once. Visitor is Reader (file or published JSON → struct) or Writer
// (struct → canonical JSON, `config show`), so that both always know the same keys.
namespace hongyan::config {

template <class V, class T>
void describe_limits(V& v, T& t) {
  v.field("connections", t.connections, 0, 10'000);
  v.field("messages_per_connection", t.messages_per_connection, 0, 100'000);
  v.field("rates", t.rates);
  v.field("warmup", t.warmup, 1, 1'000'000'000);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, Relay>
void describe(V& v, T& t) {
  v.required("host");
  v.field("host", t.host, check_host);
  v.field("port", t.port, 1, 65'535);
  v.field("tls", t.tls);
  v.field("implicit_tls", t.implicit_tls);
  v.field("username", t.username, check_nothing);
  v.field("password", t.password);
  v.field("connections", t.connections, 1, 1000);
  v.field("rates", t.rates);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, Source>
void describe(V& v, T& t) {
  v.required("ehlo");
  v.field("address", t.address, check_ip_or_empty);
  v.field("proxy", t.proxy, check_endpoint_or_empty);
  v.field("ehlo", t.ehlo, check_host);
  v.field("engines", t.engines, check_name);
  v.field("warmup_start", t.warmup_start, check_date);
  v.table("relay", t.relay);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, DkimKey>
void describe(V& v, T& t) {
  v.required("domain");
  v.required("selector");
  v.required("key");
  v.field("domain", t.domain, check_domain);
  v.field("selector", t.selector, check_selector);
  v.field("key", t.key, check_not_empty);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, Channel>
void describe(V& v, T& t) {
  v.required("price");
  v.required("sources");
  v.required("envelope_sender");
  v.field("price", t.price);
  v.field("sources", t.sources, check_name);
  v.field("envelope_sender", t.envelope_sender, check_mailbox);
  v.field("verp", t.verp);
  v.field("message_id_domain", t.message_id_domain, check_domain);
  v.field("unsubscribe_url", t.unsubscribe_url, check_https_url);
  v.field("unsubscribe_mail", t.unsubscribe_mail);
  v.field("tls", t.tls);
  v.field("connections", t.connections, 0, 100'000);
  v.field("rates", t.rates);
  v.field("retry", t.retry, kTick, 7 * kDay);
  v.field("retry_jitter", t.retry_jitter, 0.0, 0.5);
  v.field("retry_expiry", t.retry_expiry, kTick, 30 * kDay);
  v.field("in_doubt_delay", t.in_doubt_delay, kTick, 7 * kDay);
  v.list("dkim", t.dkim);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, Tenant>
void describe(V& v, T& t) {
  v.required("from_domains");
  v.field("from_domains", t.from_domains, check_domain);
  v.field("prepaid", t.prepaid);
  v.field("low_balance", t.low_balance);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, Provider>
void describe(V& v, T& t) {
  v.field("title", t.title, check_not_empty);
  v.field("mx", t.mx, check_mx_pattern);
  describe_limits(v, t.limits);
  v.field("tls", t.tls);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, OtherProviders>
void describe(V& v, T& t) {
  describe_limits(v, t.limits);
  v.field("tls", t.tls);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, StaticRoute>
void describe(V& v, T& t) {
  v.required("domain");
  v.required("host");
  v.field("domain", t.domain, check_route_domain);
  v.field("host", t.host, check_host);
  v.field("port", t.port, 1, 65'535);
  v.field("provider", t.provider, check_nothing);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, Retention>
void describe(V& v, T& t) {
  v.field("jobs", t.jobs, kHour, 3650 * kDay);
  v.field("ledger", t.ledger, kDay, 3650 * kDay);
  v.field("events", t.events, 1'000, 100'000'000);
  v.field("dead", t.dead, 100, 1'000'000);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, TlsReporting>
void describe(V& v, T& t) {
  v.required("organization");
  v.required("contact");
  v.required("tenant");
  v.required("channel");
  v.field("organization", t.organization, check_not_empty);
  v.field("contact", t.contact, check_mailbox);
  v.field("tenant", t.tenant, check_name);
  v.field("channel", t.channel, check_name);
  v.field("spread", t.spread, Millis{0}, 20 * kHour);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, MailboxNotices>
void describe(V& v, T& t) {
  v.required("from");
  v.required("tenant");
  v.required("channel");
  v.field("from", t.from, check_mailbox);
  v.field("tenant", t.tenant, check_name);
  v.field("channel", t.channel, check_name);
  v.field("every", t.every, std::chrono::minutes(1), kDay);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, MailboxSettings>
void describe(V& v, T& t) {
  v.field("timezone", t.timezone, check_timezone);
  v.field("opens", t.opens, check_clock);
  v.field("closes", t.closes, check_clock);
  v.field("alike_people", t.alike_people, 1, 100);
  v.field("alike_window", t.alike_window, kHour, 7 * kDay);
  v.field("tracking_url", t.tracking_url, check_https_url);
  v.table("notify", t.notify);
}

template <class V, class T>
  requires std::same_as<std::remove_const_t<T>, OAuth2>
void describe(V& v, T& t) {
  v.field("authorization_url", t.authorization_url, check_https_url_with_query);
  v.field("token_url", t.token_url, check_https_url);
  v.field("scope", t.scope, check_nothing);
  v.field("client_id", t.client_id, check_nothing);
  v.field("client_secret", t.client_secret);
}

template <class V, class T>
void describe_oauth2(V& v, T& fleet) {
  v.tables("oauth2", fleet.oauth2, check_name);
}

template <class V, class T>
void describe_providers(V& v, T& fleet) {
  v.tables("provider", fleet.providers, check_provider_name);
}

// A table of one key: [billing] timezone.
template <class Text>
struct Billing {
  Text& timezone;
};
template <class V, class Text>
void describe(V& v, Billing<Text>& t) {
  v.field("timezone", t.timezone, check_timezone);
}

template <class V, class T>
void describe_fleet(V& v, T& t) {
  Billing billing{t.billing_timezone};
  v.table("billing", billing);
  v.tables("source", t.sources, check_name);
  v.tables("channel", t.channels, check_name);
  v.tables("tenant", t.tenants, check_name);
  describe_providers(v, t);
  v.table("other_providers", t.other);
  v.list("route", t.routes);
  v.table("retention", t.retention);
  v.table("tls_rpt", t.tls_rpt);
  v.table("mailbox", t.mailbox);
  describe_oauth2(v, t);
}

}  // namespace hongyan::config
