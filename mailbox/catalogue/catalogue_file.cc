#include "mailbox/catalogue/catalogue_file.h"

#include "base/text.h"
#include "base/words.h"
#include "engine/config/reader.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace hongyan::mailbox {
namespace {

using config::Reader;
using config::Report;

std::string check_kind(std::string_view text) {
  return check_word(text, kind_name, Kind::kEnterprise);
}
std::string check_secret_kind(std::string_view text) {
  return check_word(text, secret_kind_name, SecretKind::kOAuth2);
}
std::string check_characters(std::string_view text) {
  return check_word(text, characters_name, Characters::kLettersAndHyphens);
}
std::string check_oauth2(std::string_view text) {
  return check_word(text, oauth2_name, OAuth2::kOnly);
}
std::string check_user_name(std::string_view text) {
  return check_word(text, user_name_name, UserName::kLocalPart);
}
std::string check_saves_sent(std::string_view text) {
  return check_word(text, saves_sent_name, SavesSent::kUnsure);
}
std::string check_scope(std::string_view text) {
  return check_word(text, scope_name, DailyLimit::Scope::kDomain);
}
std::string check_suffix(std::string_view text) {
  if (text != ascii_lower(text)) return "must be in lower case";
  return config::check_domain(text);
}
std::string check_own_domain(std::string_view text) {
  return check_suffix(text.starts_with('.') ? text.substr(1) : text);
}
std::string check_server(std::string_view text) {
  const auto server = parse_server(text);
  if (!server) return "is no server: \"imap.example.com:993 implicit\" or \"... starttls\"";
  std::string host = server->host;
  if (const auto at = host.find("{domain}"); at != std::string::npos) host.replace(at, 8, "x.y");
  return config::check_domain(host);
}

struct SecretText {
  std::string kind, characters = "any", strip;
  std::vector<std::int64_t> length;
  Bilingual called;
  bool expires = false;
};
void describe(Reader& v, SecretText& t) {
  v.required("kind");
  v.field("kind", t.kind, check_secret_kind);
  v.required("called");
  v.field("called", t.called);
  v.field("length", t.length, 1, 256);
  v.field("characters", t.characters, check_characters);
  v.field("strip", t.strip);
  v.field("expires", t.expires);
}

struct SetupText {
  SecretText secret;
  Setup setup;
};
void describe(Reader& v, SetupText& t) {
  v.required("secret");
  v.table("secret", t.secret);
  v.field("page", t.setup.page, config::check_https_url);
  v.field("enable", t.setup.enable);
  v.required("make");
  v.field("make", t.setup.make);
  v.field("admin", t.setup.admin);
  v.field("caution", t.setup.caution);
}

struct PairText {
  std::string imap, smtp;
};
void describe(Reader& v, PairText& t) {
  v.field("imap", t.imap, check_server);
  v.required("smtp");
  v.field("smtp", t.smtp, check_server);
}

struct LimitText {
  int messages = 0;
  std::string of;
};
void describe(Reader& v, LimitText& t) {
  v.required("messages");
  v.field("messages", t.messages, 1, 1'000'000);
  v.required("of");
  v.field("of", t.of, check_scope);
}

struct ProviderText {
  Provider provider;
  std::string kind, oauth2 = "no", imap_user = "address", saves_sent = "unsure";
  std::vector<PairText> servers;
  std::optional<LimitText> limit;
};
void describe(Reader& v, ProviderText& t) {
  Provider& p = t.provider;
  for (const char* key : {"id", "name", "kind", "setup", "sources"}) v.required(key);
  v.field("id", p.id, config::check_name);
  v.field("name", p.name);
  v.field("kind", t.kind, check_kind);
  v.field("domains", p.domains, check_own_domain);
  v.field("mx", p.mx, check_suffix);
  v.list("servers", t.servers);
  v.field("setup", p.setup);
  v.field("oauth2", t.oauth2, check_oauth2);
  v.field("oauth2_at", p.oauth2_at, config::check_name);
  v.field("imap_user", t.imap_user, check_user_name);
  v.field("needs_imap_id", p.needs_imap_id);
  v.field("saves_sent", t.saves_sent, check_saves_sent);
  v.table("daily", t.limit);
  v.field("advice", p.advice, config::check_not_empty);
  v.field("note", p.note);
  v.field("sources", p.sources, config::check_not_empty);
}

struct AdviceText {
  std::map<std::string, Bilingual> sentences;
  std::vector<std::string> names;
};

struct FileText {
  AdviceText advice;
  std::map<std::string, SetupText> setups;
  std::vector<ProviderText> providers;
};
void describe(Reader& v, AdviceText& t) {
  for (const std::string& name : t.names) v.field(name, t.sentences[name]);
}
void describe(Reader& v, FileText& t) {
  v.table("advice", t.advice);
  v.tables("setup", t.setups, config::check_name);
  v.list("provider", t.providers);
}

// Each value belongs to one provider.
class Claims {
 public:
  Claims(std::string what, Report& report) : what_(std::move(what)), report_(report) {}
  void add(const std::string& value, const std::string& id, const std::string& path) {
    const auto [at, fresh] = owners_.emplace(value, id);
    if (!fresh) report_.add(path, what_ + " '" + value + "' belongs to " + at->second + " already");
  }

 private:
  std::string what_;
  Report& report_;
  std::map<std::string, std::string> owners_;
};

// What the parts must be to each other.
void check_together(const FileText& file, Report& report) {
  std::vector<std::string> setups, used;
  for (const auto& [name, setup] : file.setups) setups.push_back(name);
  for (const auto& [name, t] : file.setups)
    if (!t.secret.length.empty() &&
        (t.secret.length.size() != 2 || t.secret.length[0] > t.secret.length[1]))
      report.add("setup." + name + ".secret.length", "must be the least and the most: [12, 16]");
  Claims ids("the id", report), domains("the domain", report), mx("the MX suffix", report);
  for (std::size_t i = 0; i < file.providers.size(); ++i) {
    const ProviderText& t = file.providers[i];
    const Provider& p = t.provider;
    const std::string path = "provider[" + std::to_string(i) + "]";
    ids.add(p.id, p.id, path + ".id");
    for (const std::string& domain : p.domains) domains.add(domain, p.id, path + ".domains");
    for (const std::string& suffix : p.mx) mx.add(suffix, p.id, path + ".mx");
    if (p.domains.empty() && t.kind == kind_name(Kind::kPersonal))
      report.add(path, "is personal and has no domain");
    if (!p.oauth2_at.empty() && t.oauth2 == oauth2_name(OAuth2::kNo))
      report.add(path + ".oauth2_at", "is of a provider that has no OAuth2");
    if (t.servers.empty() && p.note.empty())
      report.add(path, "has no servers; a note must say why");
    const auto setup = file.setups.find(p.setup);
    if (setup == file.setups.end()) {
      const auto meant = nearest(p.setup, setups);
      report.add(path + ".setup", "names no set-up", meant ? "did you mean '" + *meant + "'?" : "");
    } else if ((setup->second.secret.kind == "oauth2") != (t.oauth2 == "only")) {
      report.add(path + ".oauth2", "and the secret of its set-up contradict each other");
    }
    used.push_back(p.setup);
    for (const std::string& name : p.advice)
      if (!file.advice.sentences.contains(name))
        report.add(path + ".advice", "'" + name + "' is no advice",
                   nearest(name, file.advice.names).value_or(""));
  }
  for (const std::string& name : setups)
    if (!is_among(name, used)) report.add("setup." + name, "is used by nobody");
}

Setup setup_of(const std::string& name, SetupText t) {
  Setup setup = std::move(t.setup);
  setup.name = name;
  setup.secret = {*find_word(t.secret.kind, secret_kind_name, SecretKind::kOAuth2),
                  std::move(t.secret.called),
                  0,
                  0,
                  *find_word(t.secret.characters, characters_name, Characters::kLettersAndHyphens),
                  std::move(t.secret.strip),
                  t.secret.expires};
  if (!t.secret.length.empty()) {
    setup.secret.least = static_cast<int>(t.secret.length[0]);
    setup.secret.most = static_cast<int>(t.secret.length[1]);
  }
  return setup;
}

Provider provider_of(ProviderText t) {
  Provider p = std::move(t.provider);
  p.kind = *find_word(t.kind, kind_name, Kind::kEnterprise);
  p.oauth2 = *find_word(t.oauth2, oauth2_name, OAuth2::kOnly);
  p.imap_user = *find_word(t.imap_user, user_name_name, UserName::kLocalPart);
  p.saves_sent = *find_word(t.saves_sent, saves_sent_name, SavesSent::kUnsure);
  if (t.limit)
    p.limit = {t.limit->messages, *find_word(t.limit->of, scope_name, DailyLimit::Scope::kDomain)};
  for (const PairText& pair : t.servers)
    p.servers.push_back({parse_server(pair.imap), *parse_server(pair.smtp)});
  return p;
}

}  // namespace

std::expected<CatalogueBook, Faults> read_catalogue(std::string_view text,
                                                    const std::string& name) {
  const auto node = config::parse_toml(text, name);
  if (!node) return std::unexpected(node.error());
  Report report;
  report.document = name;
  FileText file;
  // Any name may be given to an advice: the reader is told which there are.
  if (const auto advice = node->entries.find("advice"); advice != node->entries.end())
    for (const auto& [key, sentence] : advice->second.entries) file.advice.names.push_back(key);
  Reader reader(*node, "", report);
  describe(reader, file);
  reader.finish();
  check_together(file, report);
  if (!report.faults.empty()) return std::unexpected(std::move(report.faults));
  CatalogueBook book;
  book.advice = std::move(file.advice.sentences);
  for (auto& [key, setup] : file.setups) book.setups.push_back(setup_of(key, std::move(setup)));
  for (ProviderText& provider : file.providers)
    book.providers.push_back(provider_of(std::move(provider)));
  return book;
}

}  // namespace hongyan::mailbox
