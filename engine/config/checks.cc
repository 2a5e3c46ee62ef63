#include "engine/config/checks.h"

#include "base/text.h"
#include "base/time_text.h"

#include <date/tz.h>

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <optional>

namespace hongyan::config {
namespace {

// 4 or 6, or 0 for a text that is no address.
int ip_version(std::string_view text) {
  const std::string copy(text);
  in6_addr address;
  if (inet_pton(AF_INET, copy.c_str(), &address) == 1) return 4;
  return inet_pton(AF_INET6, copy.c_str(), &address) == 1 ? 6 : 0;
}

std::optional<int> number(std::string_view text, int least, int most) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most)
    return std::nullopt;
  return value;
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-')
    return false;
  return std::ranges::all_of(label, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           static_cast<unsigned char>(c) >= 0x80;
  });
}

bool is_domain(std::string_view text) {
  return text.size() <= 253 && is_valid_utf8(text) &&
         std::ranges::all_of(split(text, '.'), is_label);
}

bool is_name(std::string_view text, bool upper) {
  // `-` alone means nobody in the records of leases.
  return !text.empty() && text.size() <= 64 && text != "-" &&
         std::ranges::all_of(text, [upper](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                  c == '.' || (upper && c >= 'A' && c <= 'Z');
         });
}

std::string wrong_unless(bool good, std::string_view text, std::string_view what) {
  return good ? std::string() : "'" + escape_control(text) + "' is no " + std::string(what);
}

}  // namespace

std::string check_nothing(std::string_view) {
  return {};
}

std::string check_not_empty(std::string_view text) {
  return text.empty() ? "is empty; a value is needed" : "";
}

std::string check_ip_or_empty(std::string_view text) {
  return wrong_unless(text.empty() || ip_version(text) != 0, text, "IP address");
}

std::string check_network(std::string_view text) {
  const auto slash = text.find('/');
  const int version = ip_version(text.substr(0, slash));
  const bool good = slash != std::string_view::npos && version != 0 &&
                    number(text.substr(slash + 1), 0, version == 4 ? 32 : 128);
  return wrong_unless(good, text, "network such as 192.0.2.0/24 or ::1/128");
}

std::string check_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  bool good = colon != std::string_view::npos && number(text.substr(colon + 1), 0, 65535);
  if (good) {
    std::string_view host = text.substr(0, colon);
    const bool brackets = host.starts_with('[') && host.ends_with(']');
    if (brackets) host = host.substr(1, host.size() - 2);
    good = ip_version(host) == (brackets ? 6 : 4);
  }
  return wrong_unless(good, text, "address with a port such as 127.0.0.1:8925 or [::1]:8925");
}

std::string check_endpoint_or_empty(std::string_view text) {
  return text.empty() ? std::string() : check_endpoint(text);
}

std::string check_dns_server(std::string_view text) {
  return wrong_unless(ip_version(text) != 0 || check_endpoint(text).empty(), text,
                      "DNS server such as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53");
}

std::string check_host(std::string_view text) {
  return wrong_unless(ip_version(text) != 0 || is_domain(text), text, "host name or IP address");
}

std::string check_domain(std::string_view text) {
  return wrong_unless(is_domain(text), text, "domain");
}

std::string check_selector(std::string_view text) {
  const bool ascii = std::ranges::none_of(text, [](char c) { return (c & 0x80) != 0; });
  return wrong_unless(is_domain(text) && ascii, text,
                      "selector: labels of A-Z a-z 0-9 -, with dots between");
}

std::string check_route_domain(std::string_view text) {
  const std::string_view domain = text.starts_with('.') ? text.substr(1) : text;
  return wrong_unless(text == "*" || is_domain(domain), text,
                      "domain, .suffix (any domain below it) or * (every domain)");
}

std::string check_mx_pattern(std::string_view text) {
  const std::string_view domain = text.starts_with('.') ? text.substr(1) : text;
  return wrong_unless(is_domain(domain), text,
                      "MX pattern: \"mx.example.cn\" is one host, \".example.cn\" all below");
}

std::string check_mailbox(std::string_view text) {
  const auto at = text.rfind('@');
  const bool good = at != std::string_view::npos && at > 0 && at <= 64 &&
                    is_domain(text.substr(at + 1)) && is_valid_utf8(text) &&
                    std::ranges::none_of(text.substr(0, at), [](char c) {
                      return c <= ' ' ? c >= 0 : std::string_view("<>()[]\\,;:\"@\x7f").contains(c);
                    });
  return wrong_unless(good, text, "address such as bounce@example.cn");
}

std::string check_https_url(std::string_view text) {
  constexpr std::string_view kScheme = "https://";
  const std::string_view host =
      text.substr(0, std::min(text.find('/', kScheme.size()), text.size()));
  const bool good = text.empty() || (text.starts_with(kScheme) && host.size() > kScheme.size() &&
                                     text.find_first_of(" <>\"?#,") == std::string_view::npos);
  return wrong_unless(good, text, "https address such as https://u.example.cn/u");
}

std::string check_https_url_with_query(std::string_view text) {
  const auto query = std::min(text.find('?'), text.size());
  if (text.substr(query).find_first_of(" <>\"#,") != std::string_view::npos)
    return "has a query that cannot be one";
  return check_https_url(text.substr(0, query));
}

std::string check_hook_url(std::string_view text) {
  for (const std::string_view here : {"http://127.0.0.1", "http://[::1]"})
    if (text.starts_with(here) &&
        (text.size() == here.size() || text[here.size()] == ':' || text[here.size()] == '/'))
      return check_https_url("https" + std::string(text.substr(4)));
  return check_https_url(text);
}

std::string check_redis_url(std::string_view text) {
  const auto after = [&](std::string_view scheme) {
    return text.starts_with(scheme) && text.size() > scheme.size();
  };
  const bool good = after("redis://") || after("rediss://") || after("unix:") || after("embedded:");
  // Not repeated here: it may hold a password.
  return good ? ""
              : "is no Redis URL: redis://HOST:PORT, rediss://HOST:PORT, unix:PATH or embedded:DIR";
}

std::string check_date(std::string_view text) {
  return wrong_unless(text.empty() || parse_date(text).has_value(), text,
                      "date of the form 2026-11-20");
}

std::string check_timezone(std::string_view text) {
  try {
    date::locate_zone(std::string(text));
    return {};
  } catch (const std::runtime_error&) {
    return wrong_unless(false, text, "time zone of the IANA list such as Asia/Shanghai");
  }
}

std::string check_clock(std::string_view text) {
  return wrong_unless(parse_clock(text).has_value(), text, "time of day of the form 07:00");
}

std::string check_name(std::string_view text) {
  return wrong_unless(is_name(text, true), text,
                      "name: up to 64 of A-Z a-z 0-9 . _ - and not - alone");
}

std::string check_engine_id(std::string_view text) {
  return text.starts_with(kEnvironment) ? check_not_empty(text.substr(kEnvironment.size()))
                                        : check_name(text);
}

std::string check_provider_name(std::string_view text) {
  return wrong_unless(is_name(text, false) && text != "other", text,
                      "provider name: up to 64 of a-z 0-9 . _ - and not `other`");
}

}  // namespace hongyan::config
