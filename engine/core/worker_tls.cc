// What is known of receivers' TLS goes to Redis, where reports are made of it (RFC 8460).
#include "base/log.h"
#include "engine/core/worker.h"
#include "metrics/catalogue.h"

namespace hongyan::engine {
namespace {

constexpr std::chrono::seconds kRound{5};
constexpr std::size_t kAtATime = 500;  // fields in a call

}  // namespace

async::Task<> Worker::learn_policy(std::string domain) {
  const auto learned = co_await resolver_->learn_policy(domain);
  if (!learned)
    count_tls_failure(domain, tlsrpt::PolicyType::kSts,
                      tlsrpt::result_of_policy(learned.error().code), learned.error().code);
}

void Worker::count_tls_failure(const std::string& domain, tlsrpt::PolicyType policy,
                               std::string_view result, std::string_view reason) {
  const SystemClock clock;
  tally_.add(clock.wall(), tlsrpt::to_field(tlsrpt::Session{domain, policy, std::string(result), "",
                                                            "", "", std::string(reason)}));
  sheet_.add(sheet_.counter(metrics::kTlsSessions, {"other", std::string(result)}));
}

async::Task<> Worker::tls_loop() {
  while (!tasks_.stopping()) {
    co_await async::sleep_for(kRound);
    co_await flush_tls();
  }
}

async::Task<> Worker::flush_tls() {
  while (!tally_.empty()) {
    auto [day, fields] = tally_.take_day();
    while (!fields.empty()) {
      tlsrpt::Tally::Fields some;
      while (!fields.empty() && some.size() < kAtATime) some.insert(fields.extract(fields.begin()));
      const auto added = co_await tls_sessions_.add(day, some);
      if (added) continue;
      log::warning("tls-sessions-kept", {{"day", day}, {"why", added.error().detail}});
      // Whoever might have been counted already is not counted again.
      const bool unsure =
          added.error().code == "redis-lost" || added.error().code == "redis-timeout";
      if (!unsure)
        for (const auto& [field, count] : some) tally_.add(day, field, count);
      for (const auto& [field, count] : fields) tally_.add(day, field, count);
      co_return;
    }
  }
}

}  // namespace hongyan::engine
