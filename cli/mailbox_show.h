#pragma once

#include "base/bilingual.h"
#include "base/json.h"
#include "mailbox/catalogue/recognise.h"

#include <iosfwd>

namespace hongyan::cli {

// The language that the environment asks for: LC_ALL, LC_MESSAGES, LANG.
Language language_of_environment();

// Which secret is wanted, what must be switched on, where it is made: what a user needs before he
// binds. Numbered steps.
void print_setup(std::ostream& out, const mailbox::Setup& setup, mailbox::OAuth2 oauth2,
                 Language language);

// Everything about a provider, in one language.
void print_provider(std::ostream& out, const mailbox::Catalogue& catalogue,
                    const mailbox::Provider& provider, Language language);
// In both.
Json provider_json(const mailbox::Catalogue& catalogue, const mailbox::Provider& provider);

// What an address' domain leads to: the pairs in the order in which they are tried.
void print_candidates(std::ostream& out, const mailbox::Recognised& found, Language language);
Json recognised_json(const mailbox::Catalogue& catalogue, const Address& address,
                     const mailbox::Recognised& found);

}  // namespace hongyan::cli
