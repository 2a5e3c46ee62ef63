#pragma once

#include "mailbox/imap/response.h"

#include <vector>

namespace hongyan::imap {

// Where sent mail belongs: the folder the server marks (RFC 6154), otherwise the one of a name that
// mailers give it, in the languages of our users. Null: there is none.
const ListEntry* find_sent(const std::vector<ListEntry>& folders);

}  // namespace hongyan::imap
