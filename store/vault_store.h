#pragma once

#include "store/job_store.h"

#include <string>
#include <vector>

namespace hongyan::store {

// What the vault (mailbox/vault) keeps in Redis: its public record, and the sealed secret of each
// mailbox, which is the field `secret` of the mailbox (MailboxStore binds and deletes it). Texts
// are the vault's; nothing here is secret. Addresses are in small letters.
//
// Thread: the store's. Errors: those of JobStore::call.
class VaultStore {
 public:
  explicit VaultStore(JobStore& store) : store_(store) {}

  // What everybody may know; empty: not there yet.
  struct Public {
    std::string key_id;
    std::string public_key;  // base64url
  };
  async::Task<Result<Public>> load();
  // Replaces what is published when it has one of the ids in `known`, or when there is nothing.
  // Gives what is published now: another's key, when its id is not ours.
  async::Task<Result<Public>> publish(Public own, std::vector<std::string> known);
  // The salt of passphrases: `fresh`, unless there is one.
  async::Task<Result<std::string>> salt(std::string fresh);

  // Empty: none.
  async::Task<Result<std::string>> secret(std::string address);
  // Puts `after` in the place of `before`. False: the secret is another one by now, or gone.
  async::Task<Result<bool>> swap(std::string address, std::string before, std::string after);

 private:
  JobStore& store_;
};

}  // namespace hongyan::store
