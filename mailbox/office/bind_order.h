#pragma once

#include "base/address.h"
#include "base/secret.h"
#include "mailbox/account/account.h"
#include "mailbox/catalogue/recognise.h"
#include "mailbox/oauth/sign_in.h"

#include <string>
#include <vector>

namespace hongyan::mailbox {

// What an order `mailbox.bind` or `mailbox.update-password` says, the secret aside. Errors, all
// with a sentence for who ordered: "bad-order".

// An account as far as the order tells: key, tenant, expiry, kind of log-in.
Result<Account> read_account_order(const Fields& order, const Address& address);

// The pairs of servers to try: those of the order, otherwise those that were recognised. A server
// that only the DNS names may be anybody's and is never one of them.
Result<std::vector<Candidate>> choose_candidates(const Fields& order, const Recognised& recognised,
                                                 const std::string& domain);

// Of an order whose secret is the code of a sign-in ("grant" is "code").
bool grants_code(const Fields& order);
Result<oauth::Code> read_code(const Secret& secret);

}  // namespace hongyan::mailbox
