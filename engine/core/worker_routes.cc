// Where a claimed recipient's mail goes: its route, or the turn to bounce when its domain takes
// none.
#include "base/log.h"
#include "engine/core/routing.h"
#include "engine/core/worker.h"

#include <algorithm>

namespace hongyan::engine {

void Worker::place(BulkDelivery& delivery) {
  delivery.relay = desk_->relay_for(*delivery.job->plan);
  const Way way{delivery.relay.empty() ? std::string(delivery.recipient().domain())
                                       : relay_name(delivery.relay),
                delivery.job->plan->lenient};
  if (auto found = resolver_of(way).find_route(way.domain, std::chrono::steady_clock::now())) {
    place_routed(delivery, *found);
    return;
  }
  auto& waiting = unresolved_[way];
  waiting.push_back(&delivery);
  if (waiting.size() == 1) tasks_.spawn(resolve(way));
}

async::Task<> Worker::resolve(Way way) {
  dns::Resolver& resolver = resolver_of(way);
  const auto found = co_await resolver.route(way.domain);
  if (resolver.lacks_policy(way.domain) && !draining_) tasks_.spawn(learn_policy(way.domain));
  if (!found)
    if (const auto result = tlsrpt::result_of_route(found.error().code); !result.empty())
      count_tls_failure(way.domain,
                        found.error().code == "tlsa-unresolved" ? tlsrpt::PolicyType::kTlsa
                                                                : tlsrpt::PolicyType::kSts,
                        result, found.error().code);
  const auto at = unresolved_.find(way);
  if (at == unresolved_.end()) co_return;
  const auto waiting = std::move(at->second);
  unresolved_.erase(at);
  for (BulkDelivery* delivery : waiting) place_routed(*delivery, found);
}

void Worker::place_routed(BulkDelivery& delivery, const dns::Resolver::Found& found) {
  if (draining_ || !delivery.job->may_send) {
    desk_->give_back(delivery);
    return;
  }
  if (found) {
    delivery.route = *found;
    desk_->add(delivery);
    return;
  }
  const std::string reason = std::string(found.error().code) + ": " + found.error().detail;
  if (dns::is_permanent(found.error())) {
    // A domain that cannot receive is an invalid address; one we refuse to reach is not its fault.
    if (found.error().code == "forbidden-address") {
      desk_->conclude_unsent(delivery, store::Settlement::kBounced, store::Evidence::kNone, "",
                             reason);
      return;
    }
    delivery.nowhere = reason;
    delivery.job->nowhere_seen.add_nowhere(delivery.chunk->group);
    delivery.job->nowhere.push_back(&delivery);
  } else {
    desk_->defer_unsent(delivery, "", reason);
  }
}

// Bounces those whose domain takes no mail when it is their turn: all of them when nobody else is
// left to wait for.
void Worker::bounce_nowhere(HeldJob& job) {
  if (job.nowhere.empty() || !job.may_send || draining_) return;
  const bool alone = job.held == job.nowhere.size();
  const bool last = alone && (job.untried == 0 || job.held >= kMostNowhere);
  const std::size_t allowed = last ? job.nowhere_bounced + job.nowhere.size()
                                   : NowhereShare::allowance(job.nowhere_share, job.answered);
  while (!job.nowhere.empty() && job.nowhere_bounced < allowed) {
    BulkDelivery& delivery = *job.nowhere.front();
    job.nowhere.pop_front();
    ++job.nowhere_bounced;
    desk_->conclude_unsent(delivery, store::Settlement::kBounced, store::Evidence::kInvalidAddress,
                           "", delivery.nowhere);
  }
}

}  // namespace hongyan::engine
