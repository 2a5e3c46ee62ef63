#pragma once

#include "base/async/task_group.h"
#include "plan/decide.h"
#include "plan/desk/orders.h"
#include "store/plan_store.h"
#include "store/suppression.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hongyan::plan {

// Whose message a mail answers.
struct Origin {
  std::string job, address;
};

// Drives the follow-up plans: hears what became of the messages and who answered, then hands the
// steps that are due over as ordinary jobs.
//
// Each batch has a number of its own in its plan and a document that is written in the same step
// that takes its contacts, so handing it over twice is the same job submitted twice: a no-op.
// One engine leads; two at once would get in each other's way, but send nothing twice.
//
// Owner: the engine. Thread: the control thread.
class Desk {
 public:
  struct Options {
    std::string who;  // of the lead: new with each start
    job::IntakePolicy policy;
    Judge judge;
    std::shared_ptr<const mailbox::Catalogue> catalogue;
    std::int64_t keep_events = 0;
    std::function<bool()> may_work;
    // From In-Reply-To or References; nothing: no message of ours.
    std::function<async::Task<Result<std::optional<Origin>>>(std::string)> origin_of;
  };

  Desk(Options options, store::JobStore& store);

  async::Task<> run(const async::TaskGroup& owner);
  // A contact of a tenant has answered, of one plan or (empty) of all. How many plans stopped.
  async::Task<Result<int>> told_of_reply(std::string tenant, std::string address, std::string plan);
  async::Task<bool> carry_out(Orders::Order order) { return orders_.carry_out(std::move(order)); }

 private:
  using Fields = store::PlanStore::Fields;
  using Contact = store::PlanStore::Contact;

  // One round; an error: Redis is away, the next round begins anew.
  async::Task<Result<void>> round();
  using Plans = std::map<std::string, Fields, std::less<>>;
  async::Task<Result<Plans>> load_plans();

  // The plan and number of a batch's job.
  struct Batch {
    std::string plan, number;
  };

  // desk_events.cc
  async::Task<Result<void>> hear();
  async::Task<Result<void>> hear(std::string type, std::string tenant, std::string job, Json data);
  async::Task<Result<void>> outcome(std::string job, const Json& data);
  async::Task<Result<void>> job_ended(std::string job);
  async::Task<Result<void>> close(Batch batch, std::string job, std::string reason);
  async::Task<Result<void>> look_for_unheard(std::string id);
  async::Task<Result<void>> mail_came(std::string tenant, const Json& data);
  // In how many of the plans the contact was stopped.
  async::Task<Result<int>> replied(std::vector<std::string> plans, std::string address);
  async::Task<Result<bool>> happened(std::string plan, std::string address, std::string job,
                                     std::string what);
  std::optional<Batch> batch_of(std::string_view job) const;

  async::Task<Result<void>> drive(std::string id);
  async::Task<Result<void>> send(const Plan& plan, const Fields& fields,
                                 std::vector<Contact> contacts);
  async::Task<Result<std::vector<Contact>>> without_suppressed(const Plan& plan,
                                                               std::vector<Contact> contacts);
  async::Task<Result<void>> hand_over(std::string id,
                                      std::vector<std::pair<std::string, std::string>> outbox);
  async::Task<> tell(std::string type, const std::string& plan, std::string job,
                     std::vector<Json::Member> data);

  Options options_;
  store::JobStore& store_;
  store::PlanStore plans_;
  store::SuppressionStore suppressions_;
  Orders orders_;
  Plans known_;  // as this round found them; set by round() alone
  SteadyTime next_search_{};
};

}  // namespace hongyan::plan
