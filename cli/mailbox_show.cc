#include "cli/mailbox_show.h"

#include "base/text.h"
#include "cli/output.h"

#include <algorithm>
#include <cstdlib>
#include <ostream>

namespace hongyan::cli {
namespace {

using namespace mailbox;

Json both(const Bilingual& text) {
  return text.empty()
             ? Json()
             : Json::object({{"en", Json::string(text.en)}, {"zh", Json::string(text.zh)}});
}

Json strings(const std::vector<std::string>& texts) {
  Json all = Json::array();
  for (const std::string& text : texts) all.push(Json::string(text));
  return all;
}

Json word(std::string_view text) {
  return Json::string(std::string(text));
}

Json server_json(const std::optional<Server>& server) {
  if (!server) return {};
  return Json::object({{"host", Json::string(server->host)},
                       {"port", json_number(server->port)},
                       {"tls", word(tls_name(server->tls))}});
}

std::string pair_text(const ServerPair& pair) {
  const std::string smtp = "SMTP " + pair.smtp.text();
  return pair.imap ? "IMAP " + pair.imap->text() + ", " + smtp : smtp;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

// "16 letters", "12-16 letters and digits"; empty: anything.
Bilingual form_text(const SecretForm& form) {
  const std::string count = form.most == 0 ? std::string()
                            : form.least == form.most
                                ? std::to_string(form.most)
                                : std::to_string(form.least) + "-" + std::to_string(form.most);
  Bilingual what{"characters", "个字符"};
  if (form.characters == Characters::kLetters) what = {"letters", "个字母"};
  if (form.characters == Characters::kLettersAndDigits)
    what = {"letters and digits", "位字母和数字"};
  if (form.characters == Characters::kLettersAndHyphens)
    what = {"letters and hyphens", "位字母和连字符"};
  return count.empty() ? Bilingual() : Bilingual{count + " " + what.en, count + " " + what.zh};
}

Bilingual limit_text(const Provider& provider) {
  if (!provider.limit)
    return {"not published; Hongyan goes to " + std::to_string(kUnpublishedDailyLimit) + " at most",
            "未公开；鸿雁最多发 " + std::to_string(kUnpublishedDailyLimit) + " 封"};
  const std::string count = with_commas(provider.limit->messages);
  return provider.limit->scope == DailyLimit::Scope::kDomain
             ? Bilingual{count + " messages of the whole domain", "整个域名共 " + count + " 封"}
             : Bilingual{count + " messages", count + " 封"};
}

Bilingual secret_text(const Setup& setup, OAuth2 oauth2) {
  Bilingual text = setup.secret.called;
  const Bilingual form = form_text(setup.secret);
  if (!form.empty()) text = {text.en + ", " + form.en, text.zh + "，" + form.zh};
  if (setup.secret.expires) text = {text.en + ", expires", text.zh + "，会到期"};
  if (oauth2 == OAuth2::kPossible) text = {text.en + "; or OAuth2", text.zh + "；或 OAuth2"};
  return text;
}

}  // namespace

Language language_of_environment() {
  for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"})
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0')
      return language_of(value);
  return Language::kEnglish;
}

void print_setup(std::ostream& out, const Setup& setup, OAuth2 oauth2, Language language) {
  const bool chinese = language == Language::kChinese;
  out << (chinese ? "需要的密码：" : "The secret: ") << secret_text(setup, oauth2).in(language)
      << '\n';
  int step = 0;
  const auto say = [&](const char* en, const char* zh, const std::string& what) {
    if (!what.empty()) out << "  " << ++step << ". " << (chinese ? zh : en) << what << '\n';
  };
  say("Administrator: ", "管理员：", setup.admin.in(language));
  say("Web mail: ", "网页邮箱：", setup.page);
  say("", "", setup.enable.in(language));
  say("", "", setup.make.in(language));
  if (!setup.caution.empty())
    out << (chinese ? "  注意：" : "  Mind: ") << setup.caution.in(language) << '\n';
}

void print_provider(std::ostream& out, const Catalogue& catalogue, const Provider& provider,
                    Language language) {
  const bool chinese = language == Language::kChinese;
  const auto pick = [&](const char* en, const char* zh) { return std::string(chinese ? zh : en); };
  out << provider.name.in(language) << " (" << provider.id << ")\n";
  Facts facts;
  facts.add(pick("domains", "域名"), provider.domains.empty()
                                         ? pick("companies' own", "企业自有域名")
                                         : joined(provider.domains));
  for (std::size_t i = 0; i < provider.servers.size(); ++i)
    facts.add(i == 0 ? pick("servers", "服务器") : pick("backup", "备用"),
              pair_text(provider.servers[i]));
  facts.add(pick("user name", "用户名"),
            provider.imap_user == UserName::kAddress
                ? pick("the whole address", "完整邮箱地址")
                : pick("the whole address; for IMAP the part before the @",
                       "完整邮箱地址；IMAP 用 @ 之前的部分"));
  facts.add(pick("a day", "每日上限"), limit_text(provider).in(language));
  facts.add(pick("note", "说明"), provider.note.in(language));
  facts.print(out);
  print_setup(out, catalogue.setup_of(provider), provider.oauth2, language);
  for (const Bilingual* sentence : catalogue.advice_of(provider))
    out << "* " << sentence->in(language) << '\n';
}

Json provider_json(const Catalogue& catalogue, const Provider& provider) {
  const Setup& setup = catalogue.setup_of(provider);
  const SecretForm& form = setup.secret;
  Json secret = Json::object({{"kind", word(secret_kind_name(form.kind))},
                              {"called", both(form.called)},
                              {"characters", word(characters_name(form.characters))},
                              {"strip", Json::string(form.strip)},
                              {"expires", Json::boolean(form.expires)}});
  secret.set("length", form.most == 0
                           ? Json()
                           : Json::array({json_number(form.least), json_number(form.most)}));
  Json servers = Json::array();
  for (const ServerPair& pair : provider.servers)
    servers.push(
        Json::object({{"imap", server_json(pair.imap)}, {"smtp", server_json(pair.smtp)}}));
  Json advice = Json::array();
  for (const Bilingual* sentence : catalogue.advice_of(provider)) advice.push(both(*sentence));
  Json limit;
  if (provider.limit)
    limit = Json::object({{"messages", json_number(provider.limit->messages)},
                          {"of", word(scope_name(provider.limit->scope))}});
  return Json::object({{"id", Json::string(provider.id)},
                       {"name", both(provider.name)},
                       {"kind", word(kind_name(provider.kind))},
                       {"domains", strings(provider.domains)},
                       {"mx", strings(provider.mx)},
                       {"servers", std::move(servers)},
                       {"oauth2", word(oauth2_name(provider.oauth2))},
                       {"imap_user", word(user_name_name(provider.imap_user))},
                       {"needs_imap_id", Json::boolean(provider.needs_imap_id)},
                       {"saves_sent", word(saves_sent_name(provider.saves_sent))},
                       {"daily", std::move(limit)},
                       {"secret", std::move(secret)},
                       {"page", Json::string(setup.page)},
                       {"admin", both(setup.admin)},
                       {"enable", both(setup.enable)},
                       {"make", both(setup.make)},
                       {"caution", both(setup.caution)},
                       {"advice", std::move(advice)},
                       {"note", both(provider.note)},
                       {"sources", strings(provider.sources)}});
}

void print_candidates(std::ostream& out, const Recognised& found, Language language) {
  const bool chinese = language == Language::kChinese;
  out << (chinese ? "依次尝试：\n" : "Tried in this order:\n");
  for (const Candidate& one : found.candidates) {
    out << "  " << pad(std::string(origin_name(one.origin)), 10)
        << escape_control(pair_text(one.servers)) << '\n';
    if (one.outside)
      out << "            "
          << (chinese ? "仅 DNS 如此声明，且不属于该域名：请先确认再填写密码。"
                      : "The DNS alone says so, and it is not of that domain: make sure before a "
                        "secret goes there.")
          << '\n';
  }
}

Json recognised_json(const Catalogue& catalogue, const Address& address, const Recognised& found) {
  Json candidates = Json::array();
  for (const Candidate& one : found.candidates)
    candidates.push(Json::object({{"from", word(origin_name(one.origin))},
                                  {"outside", Json::boolean(one.outside)},
                                  {"imap", server_json(one.servers.imap)},
                                  {"smtp", server_json(one.servers.smtp)}}));
  return Json::object(
      {{"address", Json::string(address.normalised())},
       {"provider", found.provider == nullptr ? Json() : provider_json(catalogue, *found.provider)},
       {"candidates", std::move(candidates)}});
}

}  // namespace hongyan::cli
