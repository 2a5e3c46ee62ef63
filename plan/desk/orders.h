#pragma once

#include "engine/config/config.h"
#include "mailbox/catalogue/catalogue.h"
#include "plan/plan.h"
#include "store/plan_store.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace hongyan::plan {

// What is ordered of plans over hongyan:control (docs/queue.md): create, edit, add, pause, resume,
// stop, reply. Each may be given twice: the second time changes nothing.
//
// Owner: the desk. Thread: the control thread.
class Orders {
 public:
  // Fields of the entry.
  using Order = std::map<std::string, std::string, std::less<>>;
  // Somebody (address) of a tenant's contacts has answered; the plan, or empty: all of the
  // tenant's. How many plans stopped for it.
  using Replied = std::function<async::Task<Result<int>>(std::string tenant, std::string address,
                                                         std::string plan)>;

  Orders(store::JobStore& store, job::IntakePolicy policy, Judge judge,
         std::shared_ptr<const mailbox::Catalogue> catalogue, Replied replied);

  static bool is_order(std::string_view op) { return op.starts_with("plan."); }
  // False: Redis was away, the entry stays and is tried again. What came of it is what `request`
  // names.
  async::Task<bool> carry_out(Order order);

 private:
  // {"ok":true, ...} or {"ok":false,"faults":[...]}.
  async::Task<Result<Json>> obey(const Order& order);
  async::Task<Result<Json>> write(const Order& order, bool anew);
  async::Task<Result<Json>> add(const Order& order);
  async::Task<Result<Json>> turn(const Order& order);
  std::string company_of(std::string_view domain) const;

  store::JobStore& store_;
  store::PlanStore plans_;
  job::IntakePolicy policy_;
  Judge judge_;
  std::shared_ptr<const mailbox::Catalogue> catalogue_;
  Replied replied_;
};

}  // namespace hongyan::plan
