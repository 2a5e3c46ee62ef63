#include "tests/integration/store/store_fixture.h"

#include "store/library.h"

#include <algorithm>

namespace hongyan::store::test {

using namespace std::chrono_literals;
using redis::Command;
using redis::Reply;

constexpr auto kPatience = 30s;

std::unique_ptr<hongyan::test::RedisServer> StoreTest::server_;
std::unique_ptr<redis::BlockingClient> StoreTest::client_;

void StoreTest::SetUpTestSuite() {
  server_ = std::make_unique<hongyan::test::RedisServer>(
      hongyan::test::RedisServerOptions{.appendfsync = "off"});
  client_ = std::make_unique<redis::BlockingClient>(server_->connect_options());
  const auto connected = client_->connect(kPatience);
  ASSERT_TRUE(connected) << connected.error().detail;
  const auto loaded =
      client_->run(ensure_functions(client_->client(), async::Deadline::in(kPatience)));
  ASSERT_TRUE(loaded) << loaded.error().detail;
}

void StoreTest::TearDownTestSuite() {
  client_.reset();
  server_.reset();
}

void StoreTest::SetUp() {
  call({"FLUSHALL"});
  store_ = std::make_unique<JobStore>(client_->client(), 30s);
}

Reply StoreTest::call(std::initializer_list<std::string_view> words) {
  return call(std::vector<std::string>(words.begin(), words.end()));
}

Reply StoreTest::call(const std::vector<std::string>& words) {
  Command command(words.front());
  for (std::size_t i = 1; i < words.size(); ++i) command.arg(words[i]);
  auto reply = client_->call(std::move(command), kPatience);
  EXPECT_TRUE(reply) << reply.error().detail;
  return reply ? std::move(*reply) : Reply();
}

Reply StoreTest::fcall(std::string_view function, std::string_view job,
                       const std::vector<std::string>& args) {
  return fcall_keys(function, {keys::job(job)}, args);
}

Reply StoreTest::fcall_keys(std::string_view function, const std::vector<std::string>& keys,
                            const std::vector<std::string>& args) {
  std::vector<std::string> words{"FCALL", std::string(function), std::to_string(keys.size())};
  words.insert(words.end(), keys.begin(), keys.end());
  words.insert(words.end(), args.begin(), args.end());
  return call(words);
}

void StoreTest::make_job(std::string_view id, std::map<std::string, std::string> fields) {
  fields.emplace("tenant", "acme");
  fields.emplace("channel", "quality");
  fields.emplace("price_micro_yuan", std::to_string(kPrice));
  fields.emplace("doubt_delay_ms", "900000");
  IntakeRecord record{std::string(id), "digest-of-" + std::string(id), "{}", {}};
  record.fields.assign(fields.begin(), fields.end());
  ASSERT_EQ(run(store().intake(std::move(record))), IntakeVerdict::kCreated);
}

void StoreTest::plan(std::string_view id, const std::vector<std::string>& chunks, bool complete,
                     std::string_view group) {
  const std::string job(id);
  const auto lease = run(store().plan_lease(job, "planner"));
  ASSERT_TRUE(lease);
  const auto step = run(store().plan_begin(job, "planner", lease->epoch, 0));
  ASSERT_TRUE(step);
  std::uint64_t number = step->first_chunk;
  for (const std::string& states : chunks) {
    PlannedChunk chunk{number++, std::string(group), "data", states, {}, {}};
    // Spread over all buckets, as a hash would be.
    for (const char state : states)
      if (state == 'q' || state == 'S')
        chunk.fingerprints.push_back((next_fingerprint_++ * 0x9E3779B97F4A7C15u) >> 1);
    ASSERT_TRUE(run(store().plan_chunk(job, "planner", lease->epoch, std::move(chunk))));
  }
  ASSERT_TRUE(run(store().plan_commit(job, "planner", lease->epoch, {}, complete)));
}

void StoreTest::make_running_job(std::string_view id, int count,
                                 std::map<std::string, std::string> fields) {
  make_job(id, std::move(fields));
  plan(id, {std::string(static_cast<std::size_t>(count), 'q')}, true);
  tick(id);
  ASSERT_EQ(field(id, "state"), "running");
}

void StoreTest::tick(std::string_view id, int times) {
  for (int i = 0; i < times; ++i) ASSERT_TRUE(run(store().tick(std::string(id), 100)));
}

std::string StoreTest::field(std::string_view id, std::string_view name) {
  return std::string(call({"HGET", keys::job(id), name}).text());
}

std::int64_t StoreTest::number(std::string_view id, std::string_view name) {
  return call({"HGET", keys::job(id), name}).integer();
}

void StoreTest::set(std::string_view id, std::string_view name, std::int64_t value) {
  call({"HSET", keys::job(id), name, std::to_string(value)});
}

std::string StoreTest::states(std::string_view id, std::uint64_t chunk) {
  return std::string(call({"GET", keys::states(id, chunk)}).text());
}

std::int64_t StoreTest::now_ms() {
  const Reply time = call({"TIME"});
  return time[0].integer() * 1000 + time[1].integer() / 1000;
}

std::optional<ClaimedChunk> StoreTest::claim(std::string_view id, std::string_view engine,
                                             std::string_view group, int lease_ms) {
  return run(store().claim(std::string(id), std::string(engine), std::string(group),
                           Millis{lease_ms}, 0.5));
}

CommitAnswer StoreTest::commit(std::string_view id, const std::vector<Step>& steps,
                               std::string_view engine) {
  auto built = build_commit(id, engine, today_, steps);
  auto answer = run(store().commit(std::move(built.command)));
  // Back into the caller's order.
  CommitAnswer ordered = answer;
  std::vector<char> letters(steps.size());
  std::size_t marks = 0;
  std::size_t settles = 0;
  for (const std::size_t at : built.order)
    letters[at] = steps[at].mark ? answer.marks.at(marks++) : answer.settles.at(settles++);
  ordered.marks.clear();
  ordered.settles.clear();
  for (std::size_t i = 0; i < steps.size(); ++i)
    (steps[i].mark ? ordered.marks : ordered.settles) += letters[i];
  return ordered;
}

Step StoreTest::mark(const ClaimedChunk& chunk, std::uint32_t index, bool retry) {
  Step step;
  step.chunk = chunk.number;
  step.epoch = chunk.epoch;
  step.index = index;
  step.mark = true;
  step.retry = retry;
  return step;
}

Step StoreTest::settle(const ClaimedChunk& chunk, std::uint32_t index, Settlement settlement,
                       Evidence evidence, std::string wait, std::string result) {
  Step step;
  step.chunk = chunk.number;
  step.epoch = chunk.epoch;
  step.index = index;
  step.settlement = settlement;
  step.evidence = evidence;
  step.wait = std::move(wait);
  step.result = std::move(result);
  return step;
}

Step StoreTest::delivered(const ClaimedChunk& chunk, std::uint32_t index) {
  return settle(chunk, index, Settlement::kDelivered, Evidence::kAccepted);
}

void StoreTest::expect_consistent(std::string_view id) {
  static const std::map<char, std::string> kCounters = {
      {'q', "queued"},     {'w', "queued"},   {'c', "claimed"},   {'f', "in_flight"},
      {'u', "in_doubt"},   {'d', "deferred"}, {'D', "delivered"}, {'B', "bounced"},
      {'S', "suppressed"}, {'I', "invalid"},  {'U', "duplicate"}, {'X', "expired"},
      {'C', "cancelled"},  {'H', "held"}};
  std::map<std::string, std::int64_t> counted;
  for (const auto& [letter, name] : kCounters) counted[name] = 0;
  std::int64_t total = 0;
  std::int64_t reserved = 0;
  for (std::int64_t n = 0; n < number(id, "chunks"); ++n) {
    const auto chunk = static_cast<std::uint64_t>(n);
    const std::string letters = states(id, chunk);
    const Reply waits = call({"HGETALL", keys::waits(id, chunk)});
    std::map<std::int64_t, std::string> wait_of;
    for (std::size_t i = 0; i + 1 < waits.array().size(); i += 2)
      wait_of[waits[i].integer()] = std::string(waits[i + 1].text());
    for (std::size_t i = 0; i < letters.size(); ++i) {
      ASSERT_TRUE(kCounters.contains(letters[i])) << letters;
      ++counted[kCounters.at(letters[i])];
      const std::string wait = wait_of[static_cast<std::int64_t>(i)];
      const bool doubtful = wait.ends_with(" u");
      if (letters[i] == 'f' || letters[i] == 'u' || letters[i] == 'H' ||
          (letters[i] == 'c' && doubtful))
        reserved += kPrice;
      if (letters[i] == 'u' || letters[i] == 'H') EXPECT_TRUE(doubtful) << letters[i];
      if (letters[i] == 'w' || letters[i] == 'd') EXPECT_NE(wait, "");
    }
    total += static_cast<std::int64_t>(letters.size());
  }
  const Reply flat = call({"HGETALL", keys::job(id)});
  std::map<std::string, std::int64_t> job;
  for (std::size_t i = 0; i + 1 < flat.array().size(); i += 2)
    job[std::string(flat[i].text())] = flat[i + 1].integer();
  for (const auto& [name, count] : counted) EXPECT_EQ(job[name], count) << name;
  EXPECT_EQ(job["total"], total);
  EXPECT_EQ(job["charged_micro_yuan"], job["delivered"] * kPrice);
  EXPECT_EQ(job["reserved_micro_yuan"], reserved);
  const std::int64_t committed = job["charged_micro_yuan"] + job["reserved_micro_yuan"];
  if (job["max_spend_micro_yuan"] > 0) EXPECT_LE(committed, job["max_spend_micro_yuan"]);
  if (job["prepaid"] == 1)
    EXPECT_LE(committed, job["lent_micro_yuan"] - job["returned_micro_yuan"]);
  std::int64_t charged = 0;
  const Reply days = call({"HVALS", keys::of_job(id, "days")});
  for (const Reply& messages : days.array()) charged += messages.integer();
  EXPECT_EQ(charged, job["delivered"]);
}

}  // namespace hongyan::store::test
