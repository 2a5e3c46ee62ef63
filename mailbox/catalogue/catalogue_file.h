#pragma once

#include "mailbox/catalogue/catalogue.h"

#include <expected>
#include <string>
#include <string_view>

namespace hongyan::mailbox {

// Reads the file: unknown keys, wrong types, missing parts, servers that are none, names of set-ups
// or advice that are not there, domains, MX suffixes and ids that two providers claim.
std::expected<CatalogueBook, Faults> read_catalogue(std::string_view text, const std::string& name);

}  // namespace hongyan::mailbox
