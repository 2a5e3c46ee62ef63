#pragma once

#include "store/job_store.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hongyan::store {

// Mailboxes that users have bound and the letters in them (functions/92_mailbox.lua). What the
// fields of a mailbox mean is mailbox/account's to say. Addresses are in small letters.
//
// Thread: the store's. Errors: those of JobStore::call.
class MailboxStore {
 public:
  using Fields = std::map<std::string, std::string, std::less<>>;

  explicit MailboxStore(JobStore& store) : store_(store) {}

  // Binds it, or binds it anew: its age and counters outlive unbinding by 90 days.
  async::Task<Result<void>> bind(std::string address, Fields fields);
  // False: it was not bound.
  async::Task<Result<bool>> unbind(std::string address);
  // False: it is not bound. An empty value deletes the field.
  async::Task<Result<bool>> set(std::string address, Fields fields);
  async::Task<Result<Fields>> load(std::string address);  // empty: unknown
  async::Task<Result<std::vector<std::string>>> all();
  async::Task<Result<std::int64_t>> sent_on(std::string address, std::string date);

  // One engine at a time writes from a mailbox. Nothing: it is another's. Otherwise the ids of
  // letters whose answer an earlier owner never saw: they are in doubt from now on.
  async::Task<Result<std::optional<std::vector<std::string>>>> lease(std::string address,
                                                                     std::string who, Millis lease);
  async::Task<Result<void>> release(std::string address, std::string who);

  enum class Put : unsigned char { kCreated, kSame, kDiffers, kUnbound };
  struct Letter {
    std::string id;
    std::string digest;
    std::int64_t due_ms = 0;
    Fields fields;  // document, to, subject
  };
  async::Task<Result<Put>> put(std::string address, Letter letter);
  async::Task<Result<Fields>> load_letter(std::string address, std::string id);
  // Those that wait, the first due first: id and ms.
  using Waiting = std::vector<std::pair<std::string, std::int64_t>>;
  async::Task<Result<Waiting>> waiting(std::string address, int most);
  // Ids, the newest first.
  async::Task<Result<std::vector<std::string>>> outbox(std::string address, int most);

  enum class Mark : unsigned char { kGo, kLost, kFull };
  async::Task<Result<Mark>> mark(std::string address, std::string who, std::string id,
                                 std::string date, std::int64_t most_on_date);
  struct Settlement {
    std::string state;        // sent, bounced, queued, in_doubt, failed
    std::int64_t due_ms = 0;  // of a queued one
    bool answered = false;    // evidence of the bounce rate
    bool bad_address = false;
    bool gives_place_back = false;  // nothing was sent: the day has room for another
    Fields fields{};                // reply, group ...
  };
  // False: the lease was lost meanwhile and the letter is in doubt, or ended.
  async::Task<Result<bool>> settle(std::string address, std::string who, std::string id,
                                   Settlement settlement);

  // A tracked letter was opened (`link` -1), or a link of it followed. Each counts once, and is
  // told by an event with `data` (InboxStore::publish). "counted", "known", "gone".
  async::Task<Result<std::string>> seen(std::string address, std::string id, std::int64_t link,
                                        std::string data);

  // A place in the day of a whole domain, for providers that count its mailboxes together. False:
  // the day is full.
  async::Task<Result<bool>> take_place(std::string domain, std::string date, std::int64_t most);
  async::Task<Result<void>> return_place(std::string domain, std::string date);

  // How many others got a letter like this one from `who` (an address or a tenant) within `window`.
  // Below `most` this one is noted too.
  struct Guard {
    std::string who;
    std::string id;
    std::uint64_t fingerprint = 0;
    std::string recipient;
    std::int64_t most = 0;
    Millis window{0};
    int alike_bits = 0;
  };
  async::Task<Result<std::int64_t>> guard(Guard guard);

  // Engines look for work by these times; the letters themselves decide.
  async::Task<Result<void>> wake_at(std::string address, std::int64_t due_ms);
  async::Task<Result<void>> sleep(std::string address);
  async::Task<Result<std::vector<std::string>>> due(std::int64_t now_ms, int most);

 private:
  JobStore& store_;
};

}  // namespace hongyan::store
