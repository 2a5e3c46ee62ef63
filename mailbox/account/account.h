#pragma once

#include "base/clock.h"
#include "mailbox/catalogue/provider.h"
#include "mailbox/pace/pace.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::mailbox {

enum class Status : unsigned char {
  kNormal,
  kNeedsCode,       // its secret is refused: letters wait for a new one
  kNeedsAttention,  // the provider refuses for another reason; `reason` says what to do
  kStopped,         // too many of its letters met addresses that do not exist
  kUnbound,
};
std::string_view status_name(Status status);

enum class Auth : unsigned char { kPassword, kXoauth2 };
std::string_view auth_name(Auth auth);

// A mailbox that a user has bound, as store/mailbox_store.h keeps it.
struct Account {
  std::string address;  // normalised, in small letters
  std::string tenant;
  std::string provider;  // id in the catalogue; empty: none of it
  std::string label;
  Status status = Status::kNormal;
  std::string reason;
  ServerPair servers;
  std::string imap_user, smtp_user;
  Auth auth = Auth::kPassword;
  std::string oauth2_at;  // with kXoauth2: NAME of the [oauth2.NAME] that knows the sign-in
  std::string secret;     // sealed (mailbox/vault/record.h): a password, or a refresh token
  std::optional<WallTime> expires_at;
  WallTime bound_at{};
  WallTime last_sent{};   // epoch: never
  WallTime not_before{};  // a pause that a reply asked for
  Learnt learnt;
  std::int64_t answers = 0;
  std::int64_t bad = 0;
  // Refusals of the mailbox in a row, by who refused (mailbox/office/trouble.h).
  int smtp_strikes = 0, imap_strikes = 0, oauth_strikes = 0;
  int expiry_told = 0;      // Expiry (mailbox/office/expiry.h)
  bool sync = true;         // new mail is looked for
  Millis sync_interval{0};  // between looks, where the server does not tell
  std::string notify;       // address that gets a mail of what happens; empty: nobody
  bool notes_wait = false;  // something of it is not told yet

  bool may_be_read() const {
    return sync && servers.imap && (status == Status::kNormal || status == Status::kStopped);
  }
  PaceState pace_state(std::int64_t sent_today) const {
    return {bound_at, last_sent, sent_today, not_before};
  }
};

using Fields = std::map<std::string, std::string, std::less<>>;
// Empty when there is none.
std::string_view text_of(const Fields& fields, std::string_view name);

// Unknown or missing fields read as nothing; one that was never bound, or whose record is gone, is
// kUnbound.
Account read_account(std::string address, const Fields& fields);
// What binding writes; counters and times are the store's.
Fields fields_of(const Account& account);

// What is kept of a letter beside its document.
struct LetterRecord {
  std::string state;  // queued, sending, sent, bounced, in_doubt, failed, cancelled
  std::string to, subject, reply;
  std::string document;  // gone when it has ended
  WallTime accepted_at{};
  int attempts = 0;
  bool tracked = false;
  WallTime opened_at{};     // the first time, by image or click; epoch: not that we know
  std::int64_t clicks = 0;  // links followed, each counted once
};
LetterRecord read_letter_record(const Fields& fields);

// The key of a mailbox: its address, all of it in small letters. No provider of mailboxes tells
// two by the case of a letter.
std::string account_key(std::string_view normalised_address);

}  // namespace hongyan::mailbox
