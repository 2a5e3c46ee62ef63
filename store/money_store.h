#pragma once

#include "store/job_store.h"

#include <string>
#include <vector>

namespace hongyan::store {

// One line of a bill, and one entry (a job's share of a day) behind it.
struct BillLine {
  std::string day;  // in [billing] timezone
  std::string tenant;
  std::string channel;
  MicroYuan unit_price;
  std::int64_t messages = 0;

  MicroYuan amount() const { return unit_price * messages; }
};
struct LedgerEntry {
  BillLine line;
  std::string actor;  // "hongyan" for settled messages
  std::string ref;    // the job
  std::int64_t at_ms = 0;
};
// What a channel of a tenant was ever charged: never goes down, whatever retention removes.
struct EverCharged {
  std::string tenant, channel;
  std::int64_t messages = 0;
  std::int64_t micro_yuan = 0;
};
struct Balance {
  MicroYuan topped_up;
  MicroYuan lent;      // to jobs, in all
  MicroYuan returned;  // by jobs, in all
  MicroYuan charged;   // from the ledger

  MicroYuan balance() const { return topped_up - charged; }
  MicroYuan free() const { return topped_up - lent + returned; }
};
struct Tenant {
  std::vector<LedgerEntry> entries;
  std::vector<BillLine> lines;
  std::vector<EverCharged> ever;
};
struct TopUp {
  bool applied = false;  // false: the same ref was there before
  MicroYuan topped_up;
  std::string refusal;  // empty: fine
};

// Accounts and the ledger. Jobs report cumulative numbers under a sequence, so every call may be
// repeated. Thread: the client's.
class MoneyStore {
 public:
  explicit MoneyStore(JobStore& store) : store_(store) {}

  // Lends allotment `number` of a job: at most `want`, in whole prices.
  struct Loan {
    MicroYuan amount;  // 0: not even one price
    MicroYuan left;    // in the account
    bool low = false;  // what is left has just fallen below `low`, or below one price
  };
  async::Task<Result<Loan>> lend(std::string tenant, std::string job, std::int64_t number,
                                 MicroYuan want, MicroYuan price, MicroYuan low);
  async::Task<Result<bool>> fund(std::string job, std::int64_t number, MicroYuan amount);
  async::Task<Result<bool>> mark_unfunded(std::string job);
  // After a job's end: what was lent and not spent goes back.
  async::Task<Result<bool>> give_back(std::string tenant, std::string job);

  // Rolls a job's charges up into its tenant's ledger.
  async::Task<Result<bool>> roll_up(std::string job, std::string tenant, std::string channel,
                                    std::int64_t price, std::int64_t charge_seq);

  async::Task<Result<TopUp>> top_up(std::string tenant, MicroYuan amount, std::string ref,
                                    std::string actor);
  async::Task<Result<std::vector<std::string>>> tenants();
  async::Task<Result<Tenant>> ledger(std::string tenant);
  async::Task<Result<Balance>> balance(std::string tenant);

 private:
  JobStore& store_;
};

}  // namespace hongyan::store
