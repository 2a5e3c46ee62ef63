#include "base/text.h"
#include "cli/engines.h"
#include "cli/lanes.h"
#include "cli/output.h"
#include "cli/published.h"
#include "cli/unowned.h"
#include "cli/warmups.h"
#include "mailbox/office/expiry.h"
#include "store/hold.h"
#include "store/keys.h"
#include "store/redis/durability.h"
#include "store/redis/info.h"

#include <algorithm>
#include <iostream>
#include <map>

namespace hongyan::cli {
namespace {

using redis::Command;

struct Status {
  std::vector<Engine> engines;
  std::vector<WarmupRow> warmups;
  std::map<std::string, std::string> proxies_away;          // why, by source
  std::vector<std::pair<std::string, std::string>> ending;  // mailboxes whose code ends
  std::map<std::string, std::int64_t> jobs;                 // active ones by state
  std::int64_t waiting = 0, in_flight = 0, in_doubt = 0;
  std::int64_t unbilled = 0;  // active jobs whose last charges are not in the ledger yet
  bool queues_known = false;  // a reader may not look into them
  std::int64_t queued_documents = 0, queued_controls = 0, dead = 0;
  std::int64_t oldest_document_ms = 0;
  std::int64_t memory = 0, most_memory = 0;
  redis::Durability durability;
  bool durability_known = false;
  std::string published;
  std::optional<store::Hold> hold;
  std::map<std::string, std::string> unowned;  // sources that nobody has
  std::int64_t now_ms = 0;
};

Result<void> load_jobs(Session& session, Status& status) {
  auto active = session.call(Command("SMEMBERS").arg(store::keys::kActive));
  if (!active) return std::unexpected(active.error());
  std::vector<Command> commands;
  for (const auto& id : active->array())
    commands.push_back(Command("HMGET")
                           .arg(store::keys::job(id.text()))
                           .arg("state")
                           .arg("queued")
                           .arg("claimed")
                           .arg("deferred")
                           .arg("in_flight")
                           .arg("in_doubt")
                           .arg("charge_seq")
                           .arg("tenant"));
  auto jobs = session.pipeline(std::move(commands));
  if (!jobs) return std::unexpected(jobs.error());
  commands.clear();
  std::vector<std::int64_t> charged;
  for (std::size_t i = 0; i < jobs->size(); ++i) {
    const auto& job = (*jobs)[i];
    ++status.jobs[std::string(job[0].text())];
    status.waiting += job[1].integer() + job[2].integer() + job[3].integer();
    status.in_flight += job[4].integer();
    status.in_doubt += job[5].integer();
    if (job[6].integer() == 0) continue;
    charged.push_back(job[6].integer());
    commands.push_back(Command("HGET")
                           .arg(store::keys::ledger(job[7].text()))
                           .arg("seq|" + std::string((*active)[i].text())));
  }
  auto rolled = session.pipeline(std::move(commands));
  if (!rolled) return std::unexpected(rolled.error());
  for (std::size_t i = 0; i < rolled->size(); ++i)
    if ((*rolled)[i].integer() < charged[i]) ++status.unbilled;
  return {};
}

Result<void> load_queues(Session& session, Status& status) {
  std::vector<Command> commands;
  for (const auto stream : {store::keys::kJobs, store::keys::kControl, store::keys::kDead})
    commands.push_back(Command("XLEN").arg(stream));
  commands.push_back(
      Command("XRANGE").arg(store::keys::kJobs).arg("-").arg("+").arg("COUNT").arg(1));
  commands.push_back(Command("HGET").arg(store::keys::kConfig).arg("digest"));
  auto depths = session.pipeline(std::move(commands));
  if (!depths) return std::unexpected(depths.error());
  status.queues_known = true;
  status.queued_documents = (*depths)[0].integer();
  status.queued_controls = (*depths)[1].integer();
  status.dead = (*depths)[2].integer();
  if (!(*depths)[3].array().empty())
    status.oldest_document_ms =
        std::strtoll(std::string((*depths)[3][0][0].text()).c_str(), nullptr, 10);
  status.published = (*depths)[4].text();
  return {};
}

// None when there are none, or this user may not see them.
void load_mailboxes(Session& session, Status& status) {
  const auto all = session.call(Command("ZRANGE").arg(store::keys::kMailboxes).arg(0).arg(-1));
  if (!all) return;
  std::vector<Command> commands;
  for (const auto& address : all->array())
    commands.push_back(Command("HGET").arg(store::keys::mailbox(address.text())).arg("expires_at"));
  const auto ends = session.pipeline(std::move(commands));
  if (!ends) return;
  for (std::size_t i = 0; i < ends->size(); ++i) {
    const std::int64_t at = (*ends)[i].integer();
    if (at == 0) continue;
    std::string sentence = mailbox::expiry_sentence(from_unix_ms(at), from_unix_ms(status.now_ms));
    if (!sentence.empty()) status.ending.emplace_back((*all)[i].text(), std::move(sentence));
  }
}

Result<Status> load(Session& session) {
  Status status;
  auto now = session.now_ms();
  if (!now) return std::unexpected(now.error());
  status.now_ms = *now;
  auto engines = load_engines(session);
  if (!engines) return std::unexpected(engines.error());
  status.engines = std::move(*engines);
  auto warmups = load_warmups(session);
  if (!warmups) return std::unexpected(warmups.error());
  status.warmups = std::move(*warmups);
  auto lanes = load_lanes(session);
  if (!lanes) return std::unexpected(lanes.error());
  for (const LaneRow& lane : *lanes)
    if (lane.held_by == "proxy") status.proxies_away.emplace(lane.source, lane.reply);
  if (auto loaded = load_jobs(session, status); !loaded) return std::unexpected(loaded.error());
  if (auto loaded = load_queues(session, status); !loaded && !is_denied(loaded.error()))
    return std::unexpected(loaded.error());
  load_mailboxes(session, status);
  auto hold = session.run(store::load_hold(session.jobs()));
  if (!hold && !is_denied(hold.error())) return std::unexpected(hold.error());
  if (hold) status.hold = *std::move(hold);
  auto fleet = published_fleet(session);
  if (!fleet) return std::unexpected(fleet.error());
  if (*fleet) status.unowned = unowned_sources(**fleet, status.engines);
  // Not everybody may ask for these two; the rest is worth having without them.
  if (auto info = session.call(Command("INFO").arg("memory")); info) {
    const redis::Info memory(info->text());
    status.memory = memory.number("used_memory");
    status.most_memory = memory.number("maxmemory");
  }
  auto durability =
      session.run(redis::check_durability(session.client(), async::Deadline::in(Millis{5000})));
  if (durability) {
    status.durability = std::move(*durability);
    status.durability_known = true;
  }
  return status;
}

Json json_of(const Status& s) {
  Json engines = Json::array();
  for (const Engine& engine : s.engines) {
    Json because = Json::array();
    for (const std::string& why : engine.not_ready_because) because.push(Json::string(why));
    engines.push(Json::object({{"id", Json::string(engine.id)},
                               {"host", Json::string(engine.host)},
                               {"pid", json_number(engine.pid)},
                               {"version", Json::string(engine.version)},
                               {"live", Json::boolean(engine.live)},
                               {"ready", Json::boolean(engine.ready)},
                               {"not_ready_because", std::move(because)},
                               {"at", json_number(engine.at_ms)},
                               {"workers", json_number(engine.workers)},
                               {"held", json_number(engine.held)},
                               {"connections", json_number(engine.connections)}}));
  }
  Json warmups = Json::array();
  for (const WarmupRow& row : s.warmups)
    warmups.push(Json::object({{"source", Json::string(row.source)},
                               {"provider", Json::string(row.provider)},
                               {"start", Json::string(row.start)},
                               {"on", Json::string(row.on)},
                               {"day", json_number(row.day.day)},
                               {"cap", row.day.cap ? json_number(*row.day.cap) : Json()},
                               {"sent", json_number(row.day.sent)},
                               {"what", Json::string(row.day.sentence())}}));
  Json proxies = Json::array();
  for (const auto& [source, why] : s.proxies_away)
    proxies.push(Json::object({{"source", Json::string(source)}, {"why", Json::string(why)}}));
  Json ending = Json::array();
  for (const auto& [address, sentence] : s.ending)
    ending.push(
        Json::object({{"mailbox", Json::string(address)}, {"what", Json::string(sentence)}}));
  const auto queue = [&](std::int64_t n) { return s.queues_known ? json_number(n) : Json(); };
  Json jobs = Json::object();
  for (const auto& [state, count] : s.jobs) jobs.set(state, json_number(count));
  Json warnings = Json::array();
  for (const auto& [source, sentence] : s.unowned) warnings.push(Json::string(sentence));
  for (const auto* list : {&s.durability.faults, &s.durability.warnings})
    for (const std::string& sentence : *list) warnings.push(Json::string(sentence));
  return Json::object(
      {{"engines", std::move(engines)},
       {"warmups", std::move(warmups)},
       {"proxies_away", std::move(proxies)},
       {"codes_ending", std::move(ending)},
       {"jobs", std::move(jobs)},
       {"waiting", json_number(s.waiting)},
       {"in_flight", json_number(s.in_flight)},
       {"in_doubt", json_number(s.in_doubt)},
       {"queued_documents", queue(s.queued_documents)},
       {"queued_controls", queue(s.queued_controls)},
       {"dead", queue(s.dead)},
       {"jobs_behind_in_ledger", json_number(s.unbilled)},
       {"memory_bytes", json_number(s.memory)},
       {"max_memory_bytes", json_number(s.most_memory)},
       {"durable",
        Json::string(s.durability_known ? std::string(redis::to_string(s.durability.durable))
                                        : "unknown")},
       {"redis_version", Json::string(s.durability.version)},
       {"warnings", std::move(warnings)},
       {"held", s.hold ? Json::string(s.hold->sentence()) : Json()},
       {"fleet_digest", Json::string(s.published)}});
}

void print_warmups(const std::vector<WarmupRow>& warmups) {
  for (const WarmupRow& row : warmups) {
    std::string text = row.source + " warms up since " + row.start + ": ";
    text += row.provider.empty() ? "it has sent nothing yet"
                                 : row.provider + ", " + row.on + ": " + row.day.sentence();
    std::cout << escape_control(text) << '\n';
  }
}

void print(const Status& s) {
  if (s.hold)
    std::cout << escape_control("sending is " + s.hold->sentence() +
                                " (hongyan hold --release ends it)")
              << "\n\n";
  RowWriter rows(std::cout, Format::kTable,
                 {{"id", "ENGINE"},
                  {"host", "HOST"},
                  {"pid", "PID", true},
                  {"version", "VERSION"},
                  {"state", "STATE"},
                  {"held", "HELD", true},
                  {"connections", "CONNECTIONS", true},
                  {"sources", "SOURCES"}});
  std::vector<std::string> reasons;
  for (const Engine& engine : s.engines) {
    if (engine.live && !engine.ready)
      for (const std::string& why : engine.not_ready_because)
        reasons.push_back(engine.id + " is not ready: " + why);
    std::string sources;
    for (const std::string& source : engine.sources)
      sources += (sources.empty() ? "" : ",") + source;
    rows.row({engine.id, engine.host, engine.pid, engine.version,
              !engine.live   ? "silent for " + span((s.now_ms - engine.at_ms) / 1000)
              : engine.ready ? std::string("ready")
                             : std::string("not ready"),
              engine.held, engine.connections, sources});
  }
  rows.end("no engine is running; start one with hongyan serve --config FILE");
  for (const std::string& reason : reasons) std::cout << escape_control(reason) << '\n';
  for (const auto& [source, why] : s.proxies_away)
    std::cout << "source " << escape_control(source)
              << " waits for its proxy: " << escape_control(why) << '\n';
  print_warmups(s.warmups);
  for (const auto& [address, sentence] : s.ending)
    std::cout << escape_control(address) << ": " << sentence << '\n';
  std::cout << '\n';
  Facts facts;
  std::string jobs;
  for (const auto& [state, count] : s.jobs)
    jobs += (jobs.empty() ? "" : ", ") + with_commas(count) + " " + state;
  facts.add("jobs", jobs.empty() ? "none active" : jobs);
  facts.add("recipients", with_commas(s.waiting) + " waiting, " + with_commas(s.in_flight) +
                              " in flight, " + with_commas(s.in_doubt) + " in doubt");
  if (s.queues_known) {
    std::string queue = with_commas(s.queued_documents) + " jobs and " +
                        with_commas(s.queued_controls) + " operations not taken yet";
    if (s.oldest_document_ms > 0)
      queue += ", the oldest for " + span((s.now_ms - s.oldest_document_ms) / 1000);
    facts.add("queue", queue);
    facts.add("refused", s.dead == 0 ? "none" : with_commas(s.dead) + " (hongyan dead list)");
  } else {
    facts.add("queue", "hidden from this Redis user");
  }
  facts.add("ledger", s.unbilled == 0 ? "up to date"
                                      : with_commas(s.unbilled) +
                                            (s.unbilled == 1 ? " job has" : " jobs have") +
                                            " charges not rolled up yet");
  std::string memory = bytes_text(s.memory);
  if (s.most_memory > 0)
    memory += " of " + bytes_text(s.most_memory) + " (" + percent(s.memory, s.most_memory) + ")";
  facts.add("redis", s.durability.version.empty() ? memory : s.durability.version + ", " + memory);
  if (s.durability_known)
    facts.add("durability",
              std::string(redis::to_string(s.durability.durable)) +
                  (s.durability.fsync.empty() ? "" : ", appendfsync " + s.durability.fsync));
  if (s.queues_known)
    facts.add("configuration",
              s.published.empty() ? "none published" : s.published.substr(0, 12) + " published");
  facts.print(std::cout);
  for (const auto& [source, sentence] : s.unowned)
    std::cout << "warning: " << escape_control(sentence) << '\n';
  for (const auto* list : {&s.durability.faults, &s.durability.warnings})
    for (const std::string& sentence : *list) std::cout << "warning: " << sentence << '\n';
}

int status(const Common& common) {
  auto session = Session::open(common);
  if (!session) return report_error(session.error(), common);
  auto found = load(**session);
  if (!found) return report_error(found.error(), common);
  if (common.json)
    print_json(json_of(*found));
  else
    print(*found);
  return kDone;
}

}  // namespace

void add_status(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("status", "Engines, jobs, queue, ledger and Redis");
  const auto common = std::make_shared<Common>();
  add_common(*command, *common);
  command->footer("Example:\n  hongyan status");
  command->callback([common, &exit_code] { exit_code = status(*common); });
}

}  // namespace hongyan::cli
