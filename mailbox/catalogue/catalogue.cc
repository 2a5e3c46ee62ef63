#include "mailbox/catalogue/catalogue.h"

#include "base/text.h"
#include "embedded/mailboxes.h"
#include "mailbox/catalogue/catalogue_file.h"

#include <utility>

namespace hongyan::mailbox {
namespace {

std::string host_of(std::string_view text) {
  std::string host = ascii_lower(text);
  if (host.ends_with('.')) host.pop_back();
  return host;
}

}  // namespace

Catalogue::Catalogue(CatalogueBook book) : book_(std::move(book)) {
  for (const Setup& setup : book_.setups) setups_[setup.name] = &setup;
  for (std::size_t i = 0; i < book_.providers.size(); ++i) {
    const Provider& provider = book_.providers[i];
    ids_[provider.id] = i;
    for (const std::string& domain : provider.domains) domains_[domain] = i;
    for (const std::string& suffix : provider.mx) mx_[suffix] = i;
    for (const ServerPair& pair : provider.servers) {
      if (pair.imap) servers_.emplace(pair.imap->host, i);
      servers_.emplace(pair.smtp.host, i);
    }
  }
}

std::expected<Catalogue, Faults> Catalogue::load(std::string_view text, const std::string& name) {
  auto book = read_catalogue(text, name);
  if (!book) return std::unexpected(std::move(book.error()));
  return Catalogue(*std::move(book));
}

std::expected<Catalogue, Faults> Catalogue::built_in() {
  return load(embedded::configs_mailboxes_toml, "configs/mailboxes.toml");
}

const Provider* Catalogue::at(const std::map<std::string, std::size_t, std::less<>>& index,
                              std::string_view key) const {
  const auto found = index.find(key);
  return found == index.end() ? nullptr : &book_.providers[found->second];
}

const Provider* Catalogue::by_id(std::string_view id) const {
  return at(ids_, id);
}

const Provider* Catalogue::by_server(std::string_view host) const {
  return at(servers_, host_of(host));
}

const Provider* Catalogue::by_domain(std::string_view domain) const {
  const std::string whole = host_of(domain);
  if (const Provider* own = at(domains_, whole)) return own;
  for (auto dot = whole.find('.'); dot != std::string::npos; dot = whole.find('.', dot + 1))
    if (const Provider* above = at(domains_, std::string_view(whole).substr(dot))) return above;
  return nullptr;
}

const Provider* Catalogue::by_mx(std::string_view host) const {
  const std::string whole = host_of(host);
  for (std::string_view rest = whole; !rest.empty();) {
    if (const Provider* provider = at(mx_, rest)) return provider;
    const auto dot = rest.find('.');
    rest = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
  }
  return nullptr;
}

std::vector<const Provider*> Catalogue::called(std::string_view words) const {
  const std::string wanted = ascii_lower(trim_blanks(words));
  if (const Provider* one = by_id(wanted)) return {one};
  if (const Provider* one = by_domain(wanted.substr(wanted.rfind('@') + 1))) return {one};
  std::vector<const Provider*> found;
  if (wanted.empty() || wanted.contains('@')) return found;
  for (const Provider& provider : book_.providers)
    if (ascii_lower(provider.name.en).contains(wanted) ||
        ascii_lower(provider.name.zh).contains(wanted))
      found.push_back(&provider);
  return found;
}

std::vector<const Bilingual*> Catalogue::advice_of(const Provider& provider) const {
  std::vector<const Bilingual*> sentences;
  for (const std::string& name : provider.advice) sentences.push_back(&book_.advice.at(name));
  return sentences;
}

}  // namespace hongyan::mailbox
