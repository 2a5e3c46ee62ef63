#include "tests/unit/scheduler/simulator.h"

#include <algorithm>

namespace hongyan::scheduler::testing {
namespace {

using namespace std::chrono_literals;

constexpr Millis kTokenValidity = 1s;
constexpr Millis kResendAfter = 15min;
constexpr std::size_t kMostViolations = 10;

}  // namespace

Simulator::Simulator(const Script& script) : script_(script), random_(script.seed) {
  for (std::size_t i = 0; i < script_.receivers.size(); ++i) {
    const LaneLimits& limits = script_.receivers[i].limits;
    world_.push_back({.key = {"provider-" + std::to_string(i), "source"},
                      .store_tokens = Gcra(limits.rates),
                      .starts = std::vector<std::deque<SteadyTime>>(limits.rates.size())});
  }
  job_paused_.resize(static_cast<std::size_t>(script_.jobs));
  recipients_.resize(static_cast<std::size_t>(script_.recipients));
  counts_[static_cast<std::size_t>(State::kQueued)] = script_.recipients;
  for (std::uint32_t i = 0; i < recipients_.size(); ++i) {
    recipients_[i].job = static_cast<std::uint8_t>(random_() % job_paused_.size());
    recipients_[i].receiver = static_cast<std::uint8_t>(random_() % world_.size());
    due(i);
  }
  for (std::uint32_t job = 0; script_.interrupt && job < job_paused_.size(); ++job) {
    events_.push({clock_.steady() + Millis(random_() % 60'000), Event::Kind::kInterrupt, job, {}});
  }
  for (std::size_t i = 0; i < world_.size(); ++i) drive(i);
}

Lane& Simulator::lane(std::size_t receiver) {
  return lanes_.get_or_create(world_[receiver].key, script_.receivers[receiver].limits);
}

bool Simulator::run(std::int64_t most_events) {
  for (std::int64_t i = 0; i < most_events && violations_.empty(); ++i) {
    if (events_.empty()) {
      check_whole();
      return true;
    }
    const Event event = events_.top();
    events_.pop();
    clock_.advance(std::max<SteadyTime::duration>(event.at - clock_.steady(), 0ns));
    handle(event);
    if (i % 1024 == 0) check_whole();
  }
  return false;
}

void Simulator::handle(const Event& event) {
  switch (event.kind) {
    case Event::Kind::kDue:
      due(event.subject);
      return drive(recipients_[event.subject].receiver);
    case Event::Kind::kAnswer:
      answered(event.subject, event.answer);
      return drive(recipients_[event.subject].receiver);
    case Event::Kind::kInterrupt:
      interrupt(event.subject);
      for (std::size_t i = 0; i < world_.size(); ++i) drive(i);
      return;
    case Event::Kind::kLook:
      if (event.at != world_[event.subject].look_at) return;  // an earlier look has replaced it
      world_[event.subject].look_at = SteadyTime::max();
      return drive(event.subject);
  }
}

void Simulator::due(std::uint32_t number) {
  const Recipient& recipient = recipients_[number];
  if (recipient.state != State::kQueued || job_paused_[recipient.job]) return;
  move(number, State::kQueued, State::kWaiting);
  lane(recipient.receiver)
      .push(TenantNumber{recipient.job / 2u}, JobNumber{recipient.job}, recipient.job % 10,
            DeliveryHandle{number});
}

// Pauses a job, or resumes it; resuming makes even deferred ones due, which must do no harm.
void Simulator::interrupt(std::uint32_t job) {
  job_paused_[job] = !job_paused_[job];
  if (job_paused_[job]) {
    for (const DeliveryHandle handle : lanes_.remove_job(JobNumber{job})) {
      move(static_cast<std::uint32_t>(handle), State::kWaiting, State::kQueued);
    }
    const auto back = clock_.steady() + Millis(random_() % 600'000);
    return events_.push({back, Event::Kind::kInterrupt, job, {}});
  }
  for (std::uint32_t i = 0; i < recipients_.size(); ++i) {
    if (recipients_[i].job == job) due(i);
  }
}

void Simulator::drive(std::size_t receiver) {
  const SteadyTime now = clock_.steady();
  Lane& here = lane(receiver);
  Gcra& tokens = world_[receiver].store_tokens;
  if (const auto wanted = here.tokens_wanted(now); wanted > 0) {
    std::int64_t granted = 0;
    for (; granted < wanted && tokens.time_until_allowed(now) == 0ns; ++granted) tokens.take(now);
    here.grant(granted, now + kTokenValidity);
    if (granted == 0) look_again(receiver, now + tokens.time_until_allowed(now));
  }
  while (static_cast<int>(here.in_flight()) < here.wanted_connections(now)) {
    const auto next = here.pop(now);
    if (!next) break;
    attempt(receiver, *next);
  }
  if (const auto at = here.next_wakeup(now); at && *at > now) {
    look_again(receiver, *at);
  } else if (!at && here.waiting() > 0) {
    look_again(receiver,
               now + std::max<std::chrono::nanoseconds>(tokens.time_until_allowed(now), 1ms));
  } else if (here.waiting() > 0 && here.in_flight() == 0) {
    violate("a lane that could start does not");
  }
}

void Simulator::look_again(std::size_t receiver, SteadyTime at) {
  World& world = world_[receiver];
  if (world.look_at <= at) return;
  world.look_at = at;
  events_.push({at, Event::Kind::kLook, static_cast<std::uint32_t>(receiver), {}});
}

void Simulator::attempt(std::size_t receiver, const Lane::Next& next) {
  const auto number = static_cast<std::uint32_t>(next.delivery);
  Recipient& recipient = recipients_[number];
  if (JobNumber{recipient.job} != next.job) violate("delivery came with another job");
  move(number, State::kWaiting, State::kInFlight);
  if (recipient.attempts++ == 0) recipient.first_attempt = clock_.wall();
  ++attempts_;
  check_limits(receiver);
  const Receiver& there = script_.receivers[receiver];
  const Millis latency(static_cast<std::int64_t>(1 + random_() % there.most_latency.count()));
  events_.push(
      {clock_.steady() + latency, Event::Kind::kAnswer, number, script_answer(there, recipient)});
}

Answer Simulator::script_answer(const Receiver& receiver, Recipient& recipient) {
  double dice = chance();
  const auto falls_to = [&](double share) { return (dice -= share) < 0; };
  if (falls_to(receiver.bounce)) return {Verdict::kBounced, Stage::kRcpt, 550};
  if (falls_to(receiver.defer)) return {Verdict::kDeferred, Stage::kRcpt, 451};
  if (falls_to(receiver.throttle)) return {Verdict::kDeferred, Stage::kMail, 421};
  if (falls_to(receiver.drop)) return {Verdict::kUntried, Stage::kConnect, 0};
  if (falls_to(receiver.doubt)) {
    const bool accepted = chance() < 0.5;
    recipient.accepted |= accepted;
    accepted_copies_ += accepted ? 1 : 0;
    return {Verdict::kInDoubt, Stage::kContent, 0};
  }
  recipient.accepted = true;
  ++accepted_copies_;
  return {Verdict::kDelivered, Stage::kContent, 250};
}

void Simulator::answered(std::uint32_t number, const Answer& answer) {
  const Recipient& recipient = recipients_[number];
  // Every scripted 5xx is a bad mailbox.
  const Ruling ruling = judge(answer, {answer.code >= 500, Evidence::kBadMailbox, {}});
  lane(recipient.receiver).settle(ruling, "scripted reply", clock_.steady());
  switch (ruling.outcome) {
    case Outcome::kDelivered:
      ++ledger_;
      return move(number, State::kInFlight, State::kDelivered);
    case Outcome::kBounced:
      return move(number, State::kInFlight, State::kBounced);
    case Outcome::kInDoubt:
      ++doubts_;
      move(number, State::kInFlight, State::kQueued);
      return events_.push({clock_.steady() + kResendAfter, Event::Kind::kDue, number, {}});
    case Outcome::kDeferred:
      break;
  }
  const auto next = next_attempt(script_.retries, recipient.attempts, recipient.first_attempt,
                                 clock_.wall(), number);
  move(number, State::kInFlight, next ? State::kQueued : State::kExpired);
  if (!next) return;
  if (*next <= clock_.wall()) violate("retry in the past");
  events_.push({clock_.steady() + (*next - clock_.wall()), Event::Kind::kDue, number, {}});
}

void Simulator::move(std::uint32_t number, State from, State to) {
  State& state = recipients_[number].state;
  if (state != from) {
    violate("recipient " + std::to_string(number) + " is in state " +
            std::to_string(static_cast<int>(state)) + " where " +
            std::to_string(static_cast<int>(from)) + " is expected");
  }
  --counts_[static_cast<std::size_t>(state)];
  ++counts_[static_cast<std::size_t>(to)];
  state = to;
}

// The start that was just made, against each rate and the connections.
void Simulator::check_limits(std::size_t receiver) {
  const LaneLimits& limits = script_.receivers[receiver].limits;
  const SteadyTime now = clock_.steady();
  for (std::size_t i = 0; i < limits.rates.size(); ++i) {
    std::deque<SteadyTime>& starts = world_[receiver].starts[i];
    starts.push_back(now);
    while (now - starts.front() > limits.rates[i].per) starts.pop_front();
    if (static_cast<std::int64_t>(starts.size()) > limits.rates[i].count + limits.rates[i].burst) {
      violate("rate " + format_rate(limits.rates[i]) + " exceeded");
    }
  }
  const auto out = static_cast<int>(lane(receiver).in_flight());
  if (limits.connections > 0 && out > limits.connections) violate("connections exceeded");
}

void Simulator::check_whole() {
  std::int64_t counted[6] = {};
  for (const Recipient& recipient : recipients_)
    ++counted[static_cast<std::size_t>(recipient.state)];
  if (!std::ranges::equal(counted, counts_)) violate("states and their counters disagree");
  std::size_t waiting = 0, in_flight = 0;
  lanes_.for_each([&](const LaneKey&, const Lane& here) {
    waiting += here.waiting();
    in_flight += here.in_flight();
  });
  if (static_cast<std::int64_t>(waiting) != in_state(State::kWaiting)) violate("lanes lost some");
  if (static_cast<std::int64_t>(in_flight) != in_state(State::kInFlight)) violate("lost in flight");
  if (ledger_ != in_state(State::kDelivered)) violate("ledger differs from delivered");
}

std::int64_t Simulator::accepted_recipients() const {
  return std::ranges::count_if(recipients_, &Recipient::accepted);
}

void Simulator::violate(std::string what) {
  if (violations_.size() < kMostViolations) violations_.push_back(std::move(what));
}

}  // namespace hongyan::scheduler::testing
