#include "engine/check/list_rules.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

namespace hongyan::check {
namespace {

constexpr std::size_t kExamples = 5;

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

std::string count_of(std::uint64_t part, std::uint64_t whole) {
  return fmt::format("{} of {} ({:.2f} %)", part, whole, share(part, whole));
}

// Up to a + (a subaddress), lower case.
std::string office_of(std::string_view local) {
  return ascii_lower(local.substr(0, local.find('+')));
}

}  // namespace

bool is_role(std::string_view local) {
  static const std::set<std::string, std::less<>> kRoles = {
      "info",      "marketing",  "sales", "support",  "admin",     "administrator",  "contact",
      "office",    "service",    "help",  "helpdesk", "billing",   "accounts",       "accounting",
      "finance",   "hr",         "jobs",  "careers",  "recruit",   "press",          "media",
      "team",      "all",        "staff", "everyone", "list",      "news",           "newsletter",
      "webmaster", "hostmaster", "root",  "www",      "ftp",       "uucp",           "usenet",
      "noc",       "hello",      "mail",  "email",    "enquiries", "inquiry",        "orders",
      "legal",     "privacy",    "kefu",  "kontakt",  "reception", "customerservice"};
  return kRoles.contains(office_of(local));
}

bool is_desk(std::string_view local) {
  static const std::set<std::string, std::less<>> kDesks = {
      "abuse",    "postmaster", "spam",       "security",     "mailer-daemon", "noreply",
      "no-reply", "no_reply",   "donotreply", "do-not-reply", "bounce",        "bounces"};
  return kDesks.contains(office_of(local));
}

bool is_chinese_domain(std::string_view domain) {
  static const std::set<std::string_view> kDomains = {
      "qq.com",     "vip.qq.com", "foxmail.com",  "163.com",     "126.com",
      "yeah.net",   "188.com",    "vip.163.com",  "vip.126.com", "vip.188.com",
      "163.net",    "sina.com",   "vip.sina.com", "sohu.com",    "vip.sohu.com",
      "aliyun.com", "139.com",    "21cn.com",     "21cn.net",    "tom.com",
      "88.com",     "111.com",    "263.net",      "sogou.com",   "china.com",
      "eyou.com",   "email.cn",   "netease.com",  "tencent.com", "alibaba-inc.com"};
  if (kDomains.contains(domain)) return true;
  for (const std::string_view tld : {".cn", ".xn--fiqs8s", ".xn--fiqz9s"})
    if (domain.ends_with(tld)) return true;
  return false;
}

std::string_view meant_domain(std::string_view domain) {
  static const std::unordered_map<std::string_view, std::string_view> kSlips = {
      {"gmial.com", "gmail.com"},    {"gmai.com", "gmail.com"},      {"gamil.com", "gmail.com"},
      {"gmal.com", "gmail.com"},     {"gmail.co", "gmail.com"},      {"gmail.con", "gmail.com"},
      {"gmail.cm", "gmail.com"},     {"gmail.cn", "gmail.com"},      {"gnail.com", "gmail.com"},
      {"gmaill.com", "gmail.com"},   {"hotmial.com", "hotmail.com"}, {"hotmai.com", "hotmail.com"},
      {"hotmal.com", "hotmail.com"}, {"hotmail.con", "hotmail.com"}, {"hotmil.com", "hotmail.com"},
      {"outlok.com", "outlook.com"}, {"outllok.com", "outlook.com"}, {"outlook.con", "outlook.com"},
      {"yahooo.com", "yahoo.com"},   {"yaho.com", "yahoo.com"},      {"yahoo.con", "yahoo.com"},
      {"yhaoo.com", "yahoo.com"},    {"qq.con", "qq.com"},           {"qq.cm", "qq.com"},
      {"qq.cn", "qq.com"},           {"qqq.com", "qq.com"},          {"qq.comm", "qq.com"},
      {"163.con", "163.com"},        {"163.cn", "163.com"},          {"163.cm", "163.com"},
      {"162.com", "163.com"},        {"136.com", "163.com"},         {"126.con", "126.com"},
      {"126.cn", "126.com"},         {"125.com", "126.com"},         {"foxmial.com", "foxmail.com"},
      {"foxmai.com", "foxmail.com"}, {"sina.con", "sina.com"},       {"sian.com", "sina.com"},
      {"icloud.con", "icloud.com"},  {"iclould.com", "icloud.com"},  {"icoud.com", "icloud.com"}};
  const auto at = kSlips.find(domain);
  return at == kSlips.end() ? std::string_view() : at->second;
}

void ListView::add(const list::Row& row) {
  ++rows_;
  const std::string number = "row " + std::to_string(row.number);
  if (row.refused()) {
    ++refused_;
    if (first_refusals_.size() < kExamples)
      first_refusals_.push_back(number + " " + row.to + ": " + row.address.error().detail);
    return;
  }
  const Address& address = *row.address;
  prints_.push_back(std::hash<std::string>{}(address.normalised()));
  const auto note = [&](std::uint64_t& count, std::vector<std::string>& first) {
    if (++count <= kExamples) first.push_back(address.normalised());
  };
  if (is_desk(address.local))
    note(desks_, first_desks_);
  else if (is_role(address.local))
    note(roles_, first_roles_);
  if (is_chinese_domain(address.domain)) ++chinese_;
  const auto [at, fresh] = domains_.try_emplace(address.domain, 0);
  ++at->second;
  if (const auto meant = meant_domain(address.domain); fresh && !meant.empty())
    typos_.push_back(address.domain + " (" + std::string(meant) + "?)");
}

void ListView::finish() {
  std::ranges::sort(prints_);
  const auto rest = std::ranges::unique(prints_);
  duplicates_ = rest.size();
  prints_.clear();
}

std::vector<std::pair<std::string, std::uint64_t>> ListView::domains() const {
  std::vector<std::pair<std::string, std::uint64_t>> sorted(domains_.begin(), domains_.end());
  std::ranges::sort(sorted, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  return sorted;
}

void check_list(const ListView& list, Findings& findings) {
  if (list.rows() == list.refused()) {
    findings.add("list-empty", list.rows() == 0
                                   ? "the list has no rows"
                                   : "every row is refused: " + some_of(list.first_refusals_, 2));
    return;
  }
  const std::uint64_t good = list.rows() - list.refused();
  if (list.refused() > 0)
    findings.add(share(list.refused(), list.rows()) >= 3 ? "list-invalid" : "list-invalid-some",
                 count_of(list.refused(), list.rows()) +
                     " rows: " + some_of(list.first_refusals_, kExamples));
  if (list.duplicates() > 0)
    findings.add("list-duplicates", count_of(list.duplicates(), good) + " addresses are repeated");
  if (list.roles() > 0)
    findings.add("list-roles", count_of(list.roles(), good) + " addresses, among them " +
                                   some_of(list.first_roles_, kExamples));
  if (list.desks() > 0)
    findings.add("list-complaint-desks", count_of(list.desks(), good) + " addresses, among them " +
                                             some_of(list.first_desks_, kExamples));
  if (!list.typos().empty()) findings.add("list-typos", some_of(list.typos()));
}

}  // namespace hongyan::check
