#include "base/address.h"
#include "base/network.h"
#include "base/text.h"
#include "engine/check/html_view.h"
#include "engine/check/message_rules.h"
#include "engine/check/template_view.h"

#include <algorithm>
#include <map>

namespace hongyan::check {
namespace {

// Stands for what a template will put there: a letter that no author writes.
constexpr char kFilled = '\x01';
constexpr std::size_t kFewWords = 80;
constexpr std::string_view kShorteners[] = {"bit.ly", "goo.gl",  "t.co",   "tinyurl.com", "ow.ly",
                                            "is.gd",  "buff.ly", "dwz.cn", "t.cn",        "url.cn",
                                            "suo.im", "cutt.ly", "rb.gy",  "tiny.cc",     "t.ly"};
constexpr std::string_view kActive[] = {"script", "form",   "iframe", "frame",
                                        "object", "applet", "embed"};

bool is_filled(std::string_view text) {
  return text.contains(kFilled);
}

std::string percent_decode(std::string_view text) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 &&
        digit(text[i + 2]) >= 0) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// Empty: fine.
std::string_view mailto_fault(std::string_view rest) {
  const std::string_view to = rest.substr(0, rest.find('?'));
  if (to.empty()) return rest.contains("to=") ? "" : "link-mailto";
  for (const std::string_view one : split(to, ','))
    if (!is_filled(one) && !parse_address(percent_decode(one))) return "link-mailto";
  return {};
}

std::string_view host_fault(std::string_view rest, bool secure) {
  if (!rest.starts_with("//")) return "link-broken";
  rest.remove_prefix(2);
  std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
  if (const std::size_t user = host.rfind('@'); user != std::string_view::npos)
    host.remove_prefix(user + 1);
  if (is_filled(host)) return secure ? "" : "link-http";
  if (host.starts_with('[')) return host.contains(']') ? "link-ip" : "link-broken";
  std::string_view port;
  if (const std::size_t colon = host.find(':'); colon != std::string_view::npos) {
    port = host.substr(colon + 1);
    host = host.substr(0, colon);
    // "http://https://x": a host called https with an empty port.
    if (port.empty() || port.find_first_not_of("0123456789") != std::string_view::npos)
      return "link-broken";
  }
  if (host.empty()) return "link-broken";
  if (IpAddress::parse(host)) return "link-ip";
  if (!host.contains('.') || !parse_domain(host)) return "link-broken";
  const std::string name = ascii_lower(host);
  if (std::ranges::find(kShorteners, name) != std::end(kShorteners)) return "link-shortener";
  return secure ? "" : "link-http";
}

// Which rule the address breaks; empty: none.
std::string_view link_fault(std::string_view value, bool image) {
  const std::string_view link = trim_blanks(value);
  if (link.empty() || link == "#") return "link-empty";
  if (link.front() == kFilled) return {};  // the list's values tell
  for (const char c : link)
    if ((static_cast<unsigned char>(c) <= ' ' && c != kFilled) || c == '\x7f') return "link-space";
  if (link.find_first_of("<>\"{}|\\^`") != std::string_view::npos) return "link-broken";
  if (link.front() == '#') return {};  // inside the message
  const std::size_t colon = link.find_first_of(":/?#");
  if (colon == std::string_view::npos || link[colon] != ':') {
    return link.starts_with("https//") || link.starts_with("http//") ? "link-broken"
                                                                     : "link-relative";
  }
  const std::string scheme = ascii_lower(link.substr(0, colon));
  const std::string_view rest = link.substr(colon + 1);
  if (scheme == "http" || scheme == "https") return host_fault(rest, scheme == "https");
  if (image) return scheme == "cid" ? "" : "link-scheme";
  if (scheme == "mailto") return mailto_fault(rest);
  if (scheme == "tel" || scheme == "sms" || scheme == "geo" || scheme == "xmpp") return {};
  if (scheme.contains('.')) return "link-relative";  // "example.com:80/x"
  return "link-scheme";
}

std::string shown(std::string value) {
  std::ranges::replace(value, kFilled, '*');
  value.erase(
      std::unique(value.begin(), value.end(), [](char a, char b) { return a == '*' && b == '*'; }),
      value.end());
  return value.size() > 120 ? value.substr(0, 120) + "..." : value;
}

}  // namespace

void check_html(std::string_view html, Findings& findings) {
  const HtmlView view = view_html(mask_tags(html, kFilled));
  std::map<std::string_view, std::vector<std::string>> found;
  const auto see = [&](std::string_view id, std::size_t at, const std::string& what) {
    found[id].push_back(place_of(html, at) + (what.empty() ? "" : " " + what));
  };
  std::size_t images = 0, open_at = 0;
  bool open = false;
  for (const HtmlTag& tag : view.tags) {
    if (tag.name == "a") {
      if (open) see("html-unclosed", open_at, "<a>");
      open = tag.find("href") != nullptr;
      open_at = tag.at;
    } else if (tag.name == "/a") {
      open = false;
    } else if (tag.name == "img") {
      ++images;
      if (tag.find("alt") == nullptr) see("image-without-alt", tag.at, "");
    }
    if (std::ranges::find(kActive, tag.name) != std::end(kActive))
      see("html-active", tag.at, "<" + tag.name + ">");
    for (const HtmlAttribute& attribute : tag.attributes) {
      const bool image = attribute.name == "src" || attribute.name == "background";
      if (!image && attribute.name != "href") continue;
      if (const auto id = link_fault(attribute.value, image); !id.empty())
        see(id, attribute.at, "\"" + shown(attribute.value) + "\"");
    }
  }
  if (open) see("html-unclosed", open_at, "<a>");
  for (const std::size_t at : view.unclosed) {
    const std::string_view rest = html.substr(at);
    see("html-unclosed", at, shown(std::string(rest.substr(0, rest.find_first_of(" \n=>")))));
  }
  for (const auto& [id, places] : found) findings.add(id, "html:" + some_of(places));
  if (images > 0 && view.words < kFewWords)
    findings.add("image-only", std::to_string(images) + (images == 1 ? " image" : " images") +
                                   " and " + std::to_string(view.words) + " characters of text");
}

}  // namespace hongyan::check
