#pragma once

#include "base/fault.h"
#include "mailbox/catalogue/provider.h"

#include <expected>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::mailbox {

// All that the file says, as it stands there.
struct CatalogueBook {
  std::vector<Setup> setups;
  std::map<std::string, Bilingual> advice;
  std::vector<Provider> providers;  // in the order of the file
};

// The providers of mailboxes that are known.
//
// Thread: any number, at once. Pointers live as long as the catalogue and move with it.
class Catalogue {
 public:
  // The one that travels in the binary. Faults of it are bugs that a test finds.
  static std::expected<Catalogue, Faults> built_in();
  // `name` stands in the places of faults. All at once, by file and line.
  static std::expected<Catalogue, Faults> load(std::string_view text, const std::string& name);

  Catalogue(Catalogue&&) = default;
  Catalogue& operator=(Catalogue&&) = default;
  Catalogue(const Catalogue&) = delete;
  Catalogue& operator=(const Catalogue&) = delete;
  ~Catalogue() = default;

  const std::vector<Provider>& providers() const { return book_.providers; }
  // A domain in any case. Null: nobody's; a company's own, perhaps.
  const Provider* by_domain(std::string_view domain) const;
  // Whose host an MX is: by the longest suffix.
  const Provider* by_mx(std::string_view host) const;
  // Whose IMAP or SMTP server a host is: the first in the file.
  const Provider* by_server(std::string_view host) const;
  const Provider* by_id(std::string_view id) const;
  // What a person may call one: its id, a domain, an address, a part of its name in either
  // language. An id or a domain means one; a part of a name may mean several.
  std::vector<const Provider*> called(std::string_view words) const;

  const Setup& setup_of(const Provider& provider) const { return *setups_.at(provider.setup); }
  std::vector<const Bilingual*> advice_of(const Provider& provider) const;

 private:
  explicit Catalogue(CatalogueBook book);
  const Provider* at(const std::map<std::string, std::size_t, std::less<>>& index,
                     std::string_view key) const;

  CatalogueBook book_;
  std::map<std::string, const Setup*, std::less<>> setups_;
  std::map<std::string, std::size_t, std::less<>> ids_, domains_, mx_, servers_;
};

}  // namespace hongyan::mailbox
