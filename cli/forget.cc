#include "base/address.h"
#include "base/text.h"
#include "cli/forget_match.h"
#include "cli/output.h"
#include "cli/published.h"
#include "cli/session.h"
#include "engine/core/chunk.h"
#include "store/keys.h"
#include "store/plan_store.h"
#include "store/reply_log.h"
#include "store/suppression.h"

#include <algorithm>
#include <iostream>
#include <set>

namespace hongyan::cli {
namespace {

using redis::Command;

constexpr std::uint64_t kChunksATrip = 32;
constexpr int kEventsATrip = 1000;
constexpr int kDocumentsATrip = 16;      // each up to 4 MiB
constexpr std::int64_t kItemsATrip = 8;  // each up to 1 MiB
constexpr int kKeysATrip = 1000;
constexpr int kTries = 50;  // of a chunk that changes under our hands

struct Options {
  Common common;
  std::string address;
};

struct Erased {
  std::int64_t recipients = 0;
  std::int64_t jobs = 0;
  std::int64_t events = 0;
  std::int64_t plans = 0;
  std::vector<std::string> waiting;  // jobs that cannot be rewritten now, and why
  std::int64_t refused_documents = 0;
};

struct Rewritten {
  std::string data;
  std::set<std::uint32_t> indexes;
};

Result<Rewritten> without(std::string_view data, const ForgetMatch& wanted) {
  auto chunk = engine::Chunk::unpack(data);
  if (!chunk) return std::unexpected(chunk.error());
  Rewritten result;
  const auto& recipients = chunk->recipients();
  for (std::uint32_t i = 0; i < recipients.size(); ++i)
    if (wanted.is(recipients[i].address)) result.indexes.insert(i);
  if (result.indexes.empty()) return result;
  engine::ChunkBuilder builder;
  for (std::uint32_t i = 0; i < recipients.size(); ++i) {
    engine::ChunkRecipient recipient = recipients[i];
    if (result.indexes.contains(i)) {
      recipient.address = {};
      recipient.vars.clear();
      if (!recipient.refusal.empty()) recipient.refusal = "forgotten";
    }
    builder.add(recipient);
  }
  result.data = builder.take();
  return result;
}

// Some recipients were found in a chunk; it may change while we look.
Result<std::string> erase_in_chunk(Session& session, const std::string& id, std::uint64_t n,
                                   const ForgetMatch& wanted, std::int64_t& erased) {
  std::string answer = "changed";
  for (int tries = 0; tries < kTries && answer == "changed"; ++tries) {
    auto read = session.pipeline({Command("GET").arg(store::keys::chunk(id, n)),
                                  Command("GET").arg(store::keys::replies(id, n))});
    if (!read) return std::unexpected(read.error());
    const std::string data((*read)[0].text());
    const std::string replies((*read)[1].text());
    if (data.empty()) return "ok";
    auto rewritten = without(data, wanted);
    if (!rewritten) return std::unexpected(rewritten.error());
    if (rewritten->indexes.empty()) return "ok";
    store::JobStore::Erasure erasure{n,
                                     data,
                                     std::move(rewritten->data),
                                     replies,
                                     store::erase_replies(replies, rewritten->indexes),
                                     {rewritten->indexes.begin(), rewritten->indexes.end()}};
    auto done = session.run(session.jobs().forget(id, std::move(erasure)));
    if (!done) return std::unexpected(done.error());
    answer = *done;
    if (answer == "ok") erased += static_cast<std::int64_t>(rewritten->indexes.size());
  }
  return answer;
}

// The document of a job may carry its list. Once the list is planned nobody reads it there.
Result<bool> erase_in_document(Session& session, const std::string& id, const ForgetMatch& wanted) {
  const std::string key = store::keys::of_job(id, "doc");
  auto text = session.call(Command("GET").arg(key));
  if (!text) return std::unexpected(text.error());
  if (!wanted.is_in_document(text->text())) return false;
  auto document = parse_json(text->text());
  if (!document) return false;
  document->set("recipients",
                Json::object({{"key", Json::string(store::keys::of_job(id, "recipients"))}}));
  auto set = session.call(Command("SET").arg(key).arg(to_json(*document)).arg("XX"));
  if (!set) return std::unexpected(set.error());
  return true;
}

// From the tail: the planner takes from the head while we look, and what moved there is planned.
Result<bool> is_in_pushed_list(Session& session, const std::string& key,
                               const ForgetMatch& wanted) {
  for (std::int64_t last = -1;; last -= kItemsATrip) {
    auto items = session.call(Command("LRANGE").arg(key).arg(last - kItemsATrip + 1).arg(last));
    if (!items) return std::unexpected(items.error());
    if (items->array().empty()) return false;
    for (const auto& item : items->array())
      if (wanted.is_in_list(item.text())) return true;
  }
}

Result<void> erase_in_job(Session& session, const std::string& id, const ForgetMatch& wanted,
                          Erased& erased) {
  // Before the chunks: what is planned meanwhile is found there.
  const std::string list = store::keys::of_job(id, "recipients");
  auto pushed = is_in_pushed_list(session, list, wanted);
  if (!pushed) return std::unexpected(pushed.error());
  auto job = session.load_job(id);
  if (!job) return std::unexpected(job.error());
  if (!job->exists() || job->number("tombstone") == 1) return {};
  const std::int64_t before = erased.recipients;
  const auto chunks = static_cast<std::uint64_t>(job->number("chunks"));
  bool busy = false;
  for (std::uint64_t first = 0; first < chunks; first += kChunksATrip) {
    const std::uint64_t last = std::min(first + kChunksATrip, chunks);
    std::vector<Command> commands;
    for (std::uint64_t n = first; n < last; ++n)
      commands.push_back(Command("GET").arg(store::keys::chunk(id, n)));
    auto found = session.pipeline(std::move(commands));
    if (!found) return std::unexpected(found.error());
    for (std::uint64_t n = first; n < last; ++n) {
      const std::string_view data = (*found)[n - first].text();
      if (data.empty()) continue;
      auto hit = without(data, wanted);
      if (!hit) return std::unexpected(hit.error());
      if (hit->indexes.empty()) continue;
      auto answer = erase_in_chunk(session, id, n, wanted, erased.recipients);
      if (!answer) return std::unexpected(answer.error());
      busy = busy || *answer != "ok";
    }
  }
  bool in_document = false;
  if (job->number("list_complete") == 1) {
    auto done = erase_in_document(session, id, wanted);
    if (!done) return std::unexpected(done.error());
    in_document = *done;
  } else if (job->number("inline") == 1) {
    auto text = session.call(Command("GET").arg(store::keys::of_job(id, "doc")));
    if (!text) return std::unexpected(text.error());
    *pushed = *pushed || wanted.is_in_document(text->text());
  }
  if (*pushed && job->number("ended_at") > 0) {
    // Pushed after the end: nobody will read it.
    auto gone = session.call(Command("UNLINK").arg(list));
    if (!gone) return std::unexpected(gone.error());
    in_document = true;
  } else if (*pushed) {
    erased.waiting.push_back(id + ": its list is not planned yet");
  }
  if (erased.recipients > before || in_document) ++erased.jobs;
  if (busy) erased.waiting.push_back(id + ": an engine is sending to it");
  return {};
}

Result<void> erase_in_events(Session& session, const ForgetMatch& wanted, Erased& erased) {
  std::string from = "-";
  for (;;) {
    auto page = session.call(Command("XRANGE")
                                 .arg(store::keys::kEvents)
                                 .arg(from)
                                 .arg("+")
                                 .arg("COUNT")
                                 .arg(kEventsATrip));
    if (!page) return std::unexpected(page.error());
    Command remove("XDEL");
    remove.arg(store::keys::kEvents);
    std::int64_t found = 0;
    for (const auto& entry : page->array()) {
      const redis::Reply* data = entry[1].find("data");
      if (data != nullptr && wanted.is_in(data->text())) remove.arg(entry[0].text()), ++found;
      from = "(" + std::string(entry[0].text());
    }
    if (found > 0) {
      auto removed = session.call(std::move(remove));
      if (!removed) return std::unexpected(removed.error());
      erased.events += found;
    }
    if (page->array().size() < static_cast<std::size_t>(kEventsATrip)) return {};
  }
}

// Documents that no engine has taken yet are nobody's to rewrite.
Result<void> look_into_queue(Session& session, const ForgetMatch& wanted, Erased& erased) {
  std::string from = "-";
  for (;;) {
    auto page = session.call(Command("XRANGE")
                                 .arg(store::keys::kJobs)
                                 .arg(from)
                                 .arg("+")
                                 .arg("COUNT")
                                 .arg(kDocumentsATrip));
    if (!page) return std::unexpected(page.error());
    for (const auto& entry : page->array()) {
      from = "(" + std::string(entry[0].text());
      const redis::Reply* document = entry[1].find("job");
      if (document != nullptr && wanted.is_in_document(document->text()))
        erased.waiting.push_back("entry " + std::string(entry[0].text()) +
                                 " of hongyan:jobs: no engine has taken it");
    }
    if (page->array().size() < static_cast<std::size_t>(kDocumentsATrip)) return {};
  }
}

// Lists that were pushed before their job; they go after 7 days.
Result<void> look_into_lists(Session& session, const ForgetMatch& wanted, Erased& erased) {
  std::string cursor = "0";
  do {
    auto page = session.call(Command("SCAN")
                                 .arg(cursor)
                                 .arg("MATCH")
                                 .arg("hongyan:{*}:recipients")
                                 .arg("COUNT")
                                 .arg(kKeysATrip));
    if (!page) return std::unexpected(page.error());
    cursor = (*page)[0].text();
    for (const auto& key : (*page)[1].array()) {
      const std::string name(key.text());
      const std::string id = name.substr(9, name.rfind('}') - 9);
      auto job = session.call(Command("EXISTS").arg(store::keys::job(id)));
      if (!job) return std::unexpected(job.error());
      if (job->integer() == 1) continue;
      auto found = is_in_pushed_list(session, name, wanted);
      if (!found) return std::unexpected(found.error());
      if (*found) erased.waiting.push_back(id + ": its list has no job yet (it goes after 7 days)");
    }
  } while (cursor != "0");
  return {};
}

Result<void> erase_in_plans(Session& session, const std::string& address, Erased& erased) {
  const auto parsed = parse_address(address);
  if (!parsed) return {};
  store::PlanStore plans(session.jobs());
  const auto all = session.run(plans.all());
  if (!all) return std::unexpected(all.error());
  for (const std::string& id : *all) {
    const auto done =
        session.run(plans.forget(id, store::suppressed_address(parsed->normalised())));
    if (!done) return std::unexpected(done.error());
    erased.plans += *done > 0;
    if (*done < 0) erased.waiting.push_back("plan " + id + ": a mail is on its way");
  }
  return {};
}

// Nobody writes to them again, and nobody can read who they were.
Result<void> keep_suppressed(Session& session, const std::string& address) {
  const auto parsed = parse_address(address);
  if (!parsed) return {};  // not one that anything is sent to
  std::set<std::string> tenants;
  auto known = session.run(session.money().tenants());
  if (!known) return std::unexpected(known.error());
  tenants.insert(known->begin(), known->end());
  auto fleet = published_fleet(session);
  if (!fleet) return std::unexpected(fleet.error());
  if (fleet->has_value())
    for (const auto& [name, tenant] : (*fleet)->tenants) tenants.insert(name);
  const auto now = session.now_ms();
  if (!now) return std::unexpected(now.error());
  store::SuppressionStore store(session.jobs());
  return session.run(store.forget(parsed->normalised(), {tenants.begin(), tenants.end()}, *now));
}

Result<Erased> erase(Session& session, const std::string& address) {
  const ForgetMatch wanted(address);
  Erased erased;
  // First: what an engine takes meanwhile is in the index afterwards.
  if (auto done = look_into_lists(session, wanted, erased); !done)
    return std::unexpected(done.error());
  if (auto done = look_into_queue(session, wanted, erased); !done)
    return std::unexpected(done.error());
  // Before the jobs: a plan makes new ones of its contacts.
  if (auto done = erase_in_plans(session, address, erased); !done)
    return std::unexpected(done.error());
  auto ids = session.call(Command("ZRANGE").arg(store::keys::kIndex).arg(0).arg(-1));
  if (!ids) return std::unexpected(ids.error());
  for (const auto& id : ids->array()) {
    auto done = erase_in_job(session, std::string(id.text()), wanted, erased);
    if (!done) return std::unexpected(done.error());
  }
  if (auto done = erase_in_events(session, wanted, erased); !done)
    return std::unexpected(done.error());
  if (auto done = keep_suppressed(session, address); !done) return std::unexpected(done.error());
  auto dead = session.call(Command("XRANGE").arg(store::keys::kDead).arg("-").arg("+"));
  if (!dead) return std::unexpected(dead.error());
  for (const auto& entry : dead->array()) {
    const redis::Reply* document = entry[1].find("job");
    erased.refused_documents += document != nullptr && wanted.is_in_document(document->text());
  }
  return erased;
}

int forget(const Options& options) {
  if (!options.address.contains('@'))
    return refuse(options.common, kUsage, "'" + options.address + "' is no address");
  auto session = Session::open(options.common);
  if (!session) return report_error(session.error(), options.common);
  if (auto ready = (*session)->ensure_functions(); !ready)
    return report_error(ready.error(), options.common);
  const auto erased = erase(**session, options.address);
  if (!erased) return report_error(erased.error(), options.common);
  if (options.common.json) {
    Json waiting = Json::array();
    for (const std::string& one : erased->waiting) waiting.push(Json::string(one));
    print_json(Json::object({{"ok", Json::boolean(erased->waiting.empty())},
                             {"recipients", json_number(erased->recipients)},
                             {"jobs", json_number(erased->jobs)},
                             {"events", json_number(erased->events)},
                             {"plans", json_number(erased->plans)},
                             {"refused_documents", json_number(erased->refused_documents)},
                             {"waiting", std::move(waiting)}}));
  } else {
    const auto count = [](std::int64_t n, const char* what) {
      return with_commas(n) + " " + what + (n == 1 ? "" : "s");
    };
    std::cout << "erased from " << count(erased->recipients, "row") << " of "
              << count(erased->jobs, "job") << ", " << count(erased->plans, "plan") << " and "
              << count(erased->events, "event") << '\n';
    if (erased->refused_documents > 0)
      std::cout << with_commas(erased->refused_documents)
                << " refused documents in hongyan:dead mention it; see hongyan dead list\n";
    for (const std::string& one : erased->waiting)
      std::cerr << "not yet " << escape_control(one) << "; run forget again\n";
  }
  return erased->waiting.empty() ? kDone : kTryLater;
}

}  // namespace

void add_forget(CLI::App& app, int& exit_code) {
  CLI::App* command =
      app.add_subcommand("forget", "Erase an address from chunks, reports and events");
  const auto options = std::make_shared<Options>();
  command->add_option("ADDRESS", options->address, "the address")->required();
  add_common(*command, options->common);
  command->footer(
      "Whoever still waits under it is suppressed; counts and charges stay. Exit 75: an engine "
      "has\n"
      "it in hand, or a list is not planned yet; run it again. Logs of engines are not in Redis.\n"
      "Example:\n  hongyan forget li@example.cn");
  command->callback([options, &exit_code] { exit_code = forget(*options); });
}

}  // namespace hongyan::cli
