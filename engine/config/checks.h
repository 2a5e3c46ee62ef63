#pragma once

#include <string>
#include <string_view>

// What a text must look like. Each gives an empty string, or what is wrong: "is no IP address".
namespace hongyan::config {

// In front of the name of a variable of the environment that holds the value.
inline constexpr std::string_view kEnvironment = "env:";

using Check = std::string (*)(std::string_view text);

std::string check_nothing(std::string_view text);
std::string check_not_empty(std::string_view text);
std::string check_ip_or_empty(std::string_view text);
std::string check_network(std::string_view text);   // 192.0.2.0/24, ::1/128
std::string check_endpoint(std::string_view text);  // ip:port, [ip6]:port
std::string check_endpoint_or_empty(std::string_view text);
std::string check_dns_server(std::string_view text);    // also an IP alone
std::string check_host(std::string_view text);          // a host name or an IP address
std::string check_domain(std::string_view text);        // UTF-8 labels are allowed
std::string check_selector(std::string_view text);      // of a DKIM key: labels of ASCII
std::string check_route_domain(std::string_view text);  // a domain, ".suffix" or "*"
std::string check_mx_pattern(std::string_view text);    // a domain, or one with a dot in front
std::string check_mailbox(std::string_view text);       // local@domain
std::string check_hook_url(std::string_view text);      // likewise; http too, to this host
std::string check_https_url(std::string_view text);     // empty, or https://host/path
std::string check_https_url_with_query(std::string_view text);
std::string check_redis_url(std::string_view text);
std::string check_date(std::string_view text);  // 2026-11-20; empty is none
std::string check_timezone(std::string_view text);
std::string check_clock(std::string_view text);  // 07:00
// Names of channels, sources, tenants, engines.
std::string check_name(std::string_view text);
std::string check_engine_id(std::string_view text);  // a name, or env:VARIABLE
// Names of providers: they are metric labels, so lower case, and `other` is taken.
std::string check_provider_name(std::string_view text);

}  // namespace hongyan::config
