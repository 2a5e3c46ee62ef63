#include "engine/core/planner.h"

#include "base/async/event.h"
#include "base/log.h"
#include "engine/core/chunk.h"
#include "engine/list/block.h"
#include "store/commit_batch.h"
#include "store/keys.h"
#include "store/reply_log.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <xxhash.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

namespace hongyan::engine {
namespace {

using namespace std::chrono_literals;
using redis::Command;

constexpr std::size_t kStepBytes = 1 << 20;
constexpr std::int64_t kStepItems = 64;
// A domain with so many recipients in one step gets chunks of its own ...
constexpr std::size_t kOwnChunk = 64;
// ... but a job has only so many groups, for every engine asks after each of them.
constexpr std::size_t kMostGroups = 200;
// Numbers above would make the bitmap of seen blocks large; a list of 10 MiB blocks is 10 TB.
constexpr std::uint64_t kMostBlocks = 10'000'000;
constexpr auto kIdle = 100ms;
const std::string kMixed = "*";

std::uint64_t to_number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

struct Planner::Step {
  std::string id;
  std::string tenant;
  std::string epoch;
  std::uint64_t first_chunk = 0;
  std::uint64_t lines_before = 0;
  std::uint64_t fingerprint_key = 0;
  std::uint64_t lines = 0;       // in this step
  std::set<std::string> groups;  // domains with own chunks, before the step
  std::vector<std::uint64_t> blocks;
  std::optional<std::uint64_t> end_count;
  std::string fault;  // the list contradicts itself
};

Planner::Planner(Options options)
    : options_(std::move(options)),
      client_(io_.get_executor(), options_.redis),
      store_(client_),
      suppressions_(store_),
      wake_(io_.get_executor()) {}

Planner::~Planner() {
  stop();
}

void Planner::start() {
  thread_ = std::thread([this] {
    async::net::co_spawn(io_.get_executor(), run(), async::net::detached);
    io_.run();
  });
}

void Planner::stop() {
  if (!thread_.joinable()) return;
  async::net::post(io_.get_executor(), [this] {
    stopping_ = true;
    wake_.notify_all();
  });
  thread_.join();
}

async::Task<> Planner::run() {
  (void)co_await client_.connect(async::Deadline::in(5s));
  while (!stopping_) {
    bool worked = false;
    if (client_.connected() && options_.may_plan()) {
      auto active = co_await store_.call(std::move(Command("SMEMBERS").arg(store::keys::kActive)));
      if (active) {
        for (const auto& id : active->array()) {
          if (stopping_ || !options_.may_plan()) break;
          // One step each in turn: a long list does not keep a short one waiting.
          if (co_await plan_some(std::string(id.text()))) worked = true;
        }
      }
    }
    if (!worked && !stopping_) co_await wake_.wait_until(async::Deadline::in(kIdle).at);
  }
  co_await client_.close();
  io_.stop();
}

async::Task<Result<std::vector<std::string>>> Planner::read_items(std::string id,
                                                                  std::int64_t count) {
  const std::string key = store::keys::of_job(id, "recipients");
  std::vector<std::string> items;
  std::size_t bytes = 0;
  const std::int64_t most = count > 0 ? count : kStepItems;
  while (static_cast<std::int64_t>(items.size()) < most && (count > 0 || bytes < kStepBytes)) {
    // A few at a time: an item may be a mebibyte.
    const std::int64_t first = static_cast<std::int64_t>(items.size());
    const std::int64_t last = std::min(first + 3, most - 1);
    auto reply = co_await store_.call(std::move(Command("LRANGE").arg(key).arg(first).arg(last)));
    if (!reply) co_return std::unexpected(reply.error());
    auto part = reply->take_array();
    if (part.empty()) break;
    for (auto& item : part) {
      bytes += item.text().size();
      items.push_back(item.take_text());
    }
  }
  co_return items;
}

// One step of one job; false: there was nothing to do.
async::Task<bool> Planner::plan_some(std::string id) {
  auto fields = co_await store_.call(std::move(Command("HMGET")
                                                   .arg(store::keys::job(id))
                                                   .arg("list_complete")
                                                   .arg("state")
                                                   .arg("inline")
                                                   .arg("list_accepted")
                                                   .arg("fingerprint_key")
                                                   .arg("reason")
                                                   .arg("tenant")));
  if (!fields || (*fields)[1].is_nil()) co_return false;
  const bool complete = (*fields)[0].integer() == 1;
  const std::string state((*fields)[1].text());
  const bool inlined = (*fields)[2].integer() == 1;
  const bool accepted = (*fields)[3].integer() == 1;
  // A list that contradicts itself waits for its operator.
  if (complete || state == "cancelled" || state == "done" ||
      (state == "paused" && (*fields)[5].text() == "list-incomplete"))
    co_return false;
  auto lease = co_await store_.plan_lease(id, options_.engine);
  if (!lease || !*lease) co_return false;

  Step step;
  step.id = id;
  step.tenant = std::string((*fields)[6].text());
  step.epoch = (*lease)->epoch;
  step.fingerprint_key = to_number((*fields)[4].text());
  std::vector<std::string> items;
  if (inlined) {
    auto document =
        co_await store_.call(std::move(Command("GET").arg(store::keys::of_job(id, "doc"))));
    if (!document) co_return false;
    items = options_.inline_items(std::string(document->text()));
  } else if ((*lease)->items_waiting == 0) {
    if (!accepted) co_return false;
    (void)co_await store_.plan_commit(id, options_.engine, step.epoch, {}, true);
    co_return true;
  } else {
    auto read = co_await read_items(id, (*lease)->step_items);
    if (!read) co_return false;
    items = std::move(*read);
  }
  const auto begun = co_await store_.plan_begin(
      id, options_.engine, step.epoch, inlined ? 0 : static_cast<std::int64_t>(items.size()));
  if (!begun || !*begun) co_return false;
  step.first_chunk = (*begun)->first_chunk;
  step.lines_before = (*begun)->lines_before;
  step.groups.insert((*begun)->groups.begin(), (*begun)->groups.end());
  if (!inlined && static_cast<std::int64_t>(items.size()) > (*begun)->items)
    items.resize(static_cast<std::size_t>((*begun)->items));

  std::vector<list::Row> rows;
  list::Row row;
  for (const std::string& item : items) {
    list::BlockReader reader(item, step.lines_before + step.lines);
    if (reader.fault()) {
      step.fault = reader.fault()->sentence();
      continue;
    }
    if (const auto block = reader.block()) {
      if (*block >= kMostBlocks) {
        step.fault = "block numbers go up to " + std::to_string(kMostBlocks - 1);
        continue;
      }
      auto seen = co_await store_.call(
          std::move(Command("GETBIT").arg(store::keys::of_job(id, "blocks")).arg(*block)));
      if (!seen) co_return false;
      const bool again = std::ranges::find(step.blocks, *block) != step.blocks.end();
      if (seen->integer() == 1 || again) continue;
      step.blocks.push_back(*block);
    }
    while (reader.next(row)) rows.push_back(std::move(row));
    step.lines += reader.lines();
    if (reader.end_count()) step.end_count = reader.end_count();
  }
  const std::uint64_t refused = static_cast<std::uint64_t>(
      std::ranges::count_if(rows, [](const list::Row& one) { return one.refused(); }));
  auto chunks = make_chunks(step, std::move(rows));
  const std::size_t written = chunks.size();
  if (!co_await write(step, std::move(chunks))) co_return false;
  stats_.rows += step.lines;
  stats_.refused += refused;
  stats_.chunks += written;

  const std::uint64_t lines = step.lines_before + step.lines;
  if (step.end_count && *step.end_count != lines && step.fault.empty())
    step.fault = "the list says " + std::to_string(*step.end_count) + " recipients, " +
                 std::to_string(lines) + " came";
  const bool ends = step.end_count && step.fault.empty();
  const auto done = co_await store_.plan_commit(id, options_.engine, step.epoch, step.blocks, ends);
  if (done && !step.fault.empty()) {
    log::warning("list-incomplete", {{"job", id}, {"what", step.fault}});
    (void)co_await store_.plan_stop(id, options_.engine, step.epoch, "list-incomplete");
  }
  co_return true;
}

std::vector<Planner::Packed> Planner::make_chunks(const Step& step, std::vector<list::Row> rows) {
  std::map<std::string, std::vector<const list::Row*>, std::less<>> by_domain;
  std::vector<const list::Row*> mixed;
  for (const list::Row& row : rows)
    (row.refused() ? mixed : by_domain[row.address->domain]).push_back(&row);
  std::vector<Packed> chunks;
  const auto pack = [&](const std::string& group, const std::vector<const list::Row*>& members) {
    for (std::size_t at = 0; at < members.size(); at += kChunkRecipients) {
      ChunkBuilder builder;
      Packed packed;
      store::PlannedChunk& chunk = packed.chunk;
      chunk.number = step.first_chunk + chunks.size();
      chunk.group = group;
      const std::size_t end = std::min(members.size(), at + kChunkRecipients);
      for (std::size_t i = at; i < end; ++i) {
        const list::Row& row = *members[i];
        const std::string address = row.refused() ? row.to : row.address->normalised();
        ChunkRecipient recipient{row.number, address, {}, {}};
        if (row.refused()) {
          recipient.refusal = row.address.error().detail;
          if (recipient.refusal.empty()) recipient.refusal = row.address.error().code;
        } else {
          chunk.fingerprints.push_back(
              XXH3_64bits_withSeed(address.data(), address.size(), step.fingerprint_key) >> 1);
          packed.addresses.emplace_back(static_cast<std::uint32_t>(i - at), address);
        }
        for (const auto& [name, value] : row.vars) recipient.vars.emplace_back(name, value);
        builder.add(recipient);
        chunk.states += row.refused() ? 'I' : 'q';
      }
      chunk.data = builder.take();
      chunks.push_back(std::move(packed));
    }
  };
  // Decided from what the store knew before the step and from the step alone: whoever repeats the
  // step of a dead planner must make the same chunks.
  std::set<std::string> groups = step.groups;
  for (auto& [domain, members] : by_domain) {
    const bool own =
        members.size() >= kOwnChunk && (groups.contains(domain) || groups.size() < kMostGroups);
    if (own) {
      groups.insert(domain);
      pack(domain, members);
    } else {
      mixed.insert(mixed.end(), members.begin(), members.end());
    }
  }
  pack(kMixed, mixed);
  return chunks;
}

async::Task<bool> Planner::suppress(const Step& step, Packed& packed) {
  std::vector<std::string> addresses;
  for (auto& [index, address] : packed.addresses) addresses.push_back(std::move(address));
  const auto found = co_await suppressions_.find(step.tenant, std::move(addresses));
  if (!found) co_return false;
  const SystemClock clock;
  for (std::size_t i = 0; i < found->size(); ++i) {
    if (!(*found)[i]) continue;
    const std::uint32_t index = packed.addresses[i].first;
    packed.chunk.states[index] = static_cast<char>(store::Settlement::kSuppressed);
    packed.chunk.replies += store::encode_reply(
        {index, to_unix_ms(clock.wall()) / 1000, 0, "suppressed: " + (*found)[i]->sentence()},
        store::kRefusedReplyBytes);
  }
  co_return true;
}

async::Task<bool> Planner::write(const Step& step, std::vector<Packed> chunks) {
  for (Packed& packed : chunks) {
    if (!co_await suppress(step, packed)) co_return false;
    const std::string name = step.id + "/" + std::to_string(packed.chunk.number);
    const auto written =
        co_await store_.plan_chunk(step.id, options_.engine, step.epoch, std::move(packed.chunk));
    if (!written || !*written) co_return false;
    log::debug("chunk-planned", {{"job", step.id}, {"chunk", name}});
  }
  co_return true;
}

}  // namespace hongyan::engine
