#include "engine/core/settler.h"

#include "base/log.h"
#include "metrics/catalogue.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace hongyan::engine {
namespace {

using namespace std::chrono_literals;

// How long acknowledged settles are kept: longer than `appendfsync everysec` can lose.
constexpr auto kRecent = 5s;
constexpr auto kRetry = 200ms;
constexpr auto kPatience = 10s;

}  // namespace

Settler::Settler(async::Executor executor, store::JobStore& store, std::string engine,
                 std::function<store::BillingDay()> today, metrics::Sheet& sheet,
                 OnAnswer on_answer)
    : executor_(executor),
      store_(store),
      engine_(std::move(engine)),
      today_(std::move(today)),
      sheet_(sheet),
      batch_size_(sheet.histogram(metrics::kSettleBatch)),
      call_seconds_(sheet.histogram(metrics::kRedisCallSeconds, {"settle"})),
      on_answer_(std::move(on_answer)),
      retry_timer_(executor) {}

void Settler::commit(std::vector<SettleStep> steps, OnDone done) {
  auto request = std::make_shared<Request>();
  request->steps = std::move(steps);
  request->unanswered = request->steps.size();
  request->done = std::move(done);
  if (request->steps.empty()) {
    async::net::post(executor_, [request] { request->done({}); });
    return;
  }
  for (std::size_t i = 0; i < request->steps.size(); ++i) queue_.push_back({request, i});
  if (given_up_)
    async::net::post(executor_, [this, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) give_up();
    });
  else
    schedule();
}

async::Task<std::vector<SettleStep>> Settler::commit(std::vector<SettleStep> steps) {
  co_return co_await async::net::async_initiate<const async::net::use_awaitable_t<async::Executor>,
                                                void(std::vector<SettleStep>)>(
      [this, steps = std::move(steps)](auto handler) mutable {
        commit(std::move(steps), [handler = std::move(handler)](auto answered) mutable {
          std::move(handler)(std::move(answered));
        });
      },
      async::kAwait);
}

void Settler::resume() {
  held_ = false;
  schedule();
}

void Settler::give_up() {
  given_up_ = true;
  std::vector<Place> left = std::exchange(queue_, {});
  for (const Place& place : left) answer(place, 'S', true);
}

void Settler::schedule() {
  if (scheduled_ || held_ || outstanding_ > 0 || queue_.empty()) return;
  scheduled_ = true;
  async::net::post(executor_, [this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    scheduled_ = false;
    flush();
  });
}

void Settler::flush() {
  if (held_ || outstanding_ > 0) return;
  std::map<std::string, std::vector<Place>> by_job;
  for (Place& place : queue_) by_job[place.request->steps[place.at].job].push_back(place);
  queue_.clear();
  for (auto& [job, places] : by_job) send(job, std::move(places));
}

void Settler::send(const std::string& job, std::vector<Place> places) {
  std::vector<store::Step> steps;
  steps.reserve(places.size());
  for (const Place& place : places) steps.push_back(place.request->steps[place.at].step);
  auto built = store::build_commit(job, engine_, today_(), steps);
  ++outstanding_;
  ++calls_;
  steps_ += steps.size();
  sheet_.observe(batch_size_, static_cast<std::int64_t>(steps.size()));
  store_.client().submit(built.command, async::Deadline::in(kPatience),
                         [this, alive = std::weak_ptr(alive_), job, places = std::move(places),
                          order = std::move(built.order),
                          begun = std::chrono::steady_clock::now()](auto reply) mutable {
                           if (alive.expired()) return;
                           --outstanding_;
                           sheet_.observe_since(call_seconds_, begun);
                           answered(job, places, order, std::move(reply));
                           schedule();
                         });
}

void Settler::answered(const std::string& job, const std::vector<Place>& places,
                       const std::vector<std::size_t>& order, Result<redis::Reply> reply) {
  if (!reply || reply->is_error()) {
    if (reply) log::error("settle-refused", {{"job", job}, {"reply", reply->text()}});
    retry_later(places);
    return;
  }
  const auto answer_of_job = store::parse_commit_answer(*reply);
  on_answer_(job, answer_of_job);
  std::size_t marks = 0;
  std::size_t settles = 0;
  const auto letter = [](const std::string& letters, std::size_t at) {
    return at < letters.size() ? letters[at] : 'S';
  };
  const SteadyTime now = std::chrono::steady_clock::now();
  while (!recent_.empty() && recent_.front().at + kRecent < now) recent_.pop_front();
  for (const std::size_t at : order) {
    const Place& place = places[at];
    const SettleStep& settled = place.request->steps[place.at];
    if (settled.step.mark) {
      answer(place, letter(answer_of_job.marks, marks++), false);
    } else {
      if (settled.step.settlement != store::Settlement::kGivenBack)
        recent_.push_back({now, settled});
      answer(place, letter(answer_of_job.settles, settles++), false);
    }
  }
}

void Settler::answer(const Place& place, char letter, bool unknown) {
  Request& request = *place.request;
  request.steps[place.at].answer = letter;
  request.steps[place.at].unknown = unknown;
  if (--request.unanswered == 0) request.done(std::move(request.steps));
}

void Settler::retry_later(std::vector<Place> places) {
  for (Place& place : places) {
    if (given_up_ || place.request->steps[place.at].step.mark) {
      answer(place, 'S', true);
    } else {
      queue_.push_back(std::move(place));
    }
  }
  if (queue_.empty() || scheduled_) return;
  scheduled_ = true;
  retry_timer_.expires_after(kRetry);
  retry_timer_.async_wait([this, alive = std::weak_ptr(alive_)](const auto&) {
    if (alive.expired()) return;
    scheduled_ = false;
    flush();
  });
}

}  // namespace hongyan::engine
