#pragma once

#include "store/job_store.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::store {

// Who gets no mail, and why. A scope is a tenant, or everybody (an empty name).
struct Suppression {
  std::string name;    // an address, "@domain", or "#..." (an address that was forgotten)
  std::string reason;  // bounce, complaint, unsubscribe, operator, forgotten
  std::string source;  // what brought it: "job spring-1", "operator anna"; free text
  std::int64_t at_ms = 0;

  // "bounce, job spring-1, 2026-11-20"
  std::string sentence() const;
};

// Entries are looked up by these names. Only receivers know whether case matters in a local part,
// but not to send is the safe side: addresses are folded.
std::string suppressed_address(std::string_view address);
std::string suppressed_domain(std::string_view domain);

// The lists. Each is one hash (docs/queue.md), so that a chunk is looked up in two commands.
//
// Thread: the store's. Errors: those of JobStore::call.
class SuppressionStore {
 public:
  explicit SuppressionStore(JobStore& store) : store_(store) {}

  // For each address why it gets no mail of this tenant, or nothing. Both scopes are asked in one
  // flight; the tenant's own entry is told first, and an address's before its domain's. Once an
  // address has been forgotten, a second flight asks for keyed hashes.
  async::Task<Result<std::vector<std::optional<Suppression>>>> find(
      std::string tenant, std::vector<std::string> addresses);

  // How many are new. What is there already stays: the first reason is the one that counts.
  async::Task<Result<std::int64_t>> add(std::string tenant, std::vector<Suppression> entries);
  // How many there were.
  async::Task<Result<std::int64_t>> remove(std::string tenant, std::vector<std::string> names);
  // Replaces what is known of an address in all scopes of `tenants` by its keyed hash, for
  // everybody.
  async::Task<Result<void>> forget(std::string address, std::vector<std::string> tenants,
                                   std::int64_t at_ms);

  struct Page {
    std::string cursor;  // "0": the end
    std::vector<Suppression> entries;
  };
  // Some entries in no order; `pattern` is a glob of Redis over names, empty: all.
  async::Task<Result<Page>> scan(std::string tenant, std::string cursor, std::string pattern);
  async::Task<Result<std::int64_t>> count(std::string tenant);

 private:
  // `names` are folded addresses.
  async::Task<Result<void>> find_forgotten(std::vector<std::string> names,
                                           std::vector<std::optional<Suppression>>& found);

  JobStore& store_;
  std::string secret_;
};

}  // namespace hongyan::store
