#include "engine/core/engine.h"

#include "base/json.h"
#include "base/log.h"
#include "engine/config/alignment.h"
#include "engine/config/canonical.h"
#include "engine/config/redis_url.h"
#include "engine/core/answer_rules.h"
#include "engine/core/dkim_keys.h"
#include "engine/core/public_pages.h"
#include "engine/core/routing.h"
#include "engine/job/job.h"
#include "store/keys.h"
#include "store/library.h"
#include "store/secret.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <unistd.h>

namespace hongyan::engine {
namespace {

using namespace std::chrono_literals;
using redis::Command;

constexpr auto kStartPatience = 10s;
constexpr auto kRedisLook = 5s;

std::vector<std::string> inline_items(const config::Fleet& fleet, const std::string& document) {
  auto job = job::parse_job(document, intake_policy(fleet));
  return job ? job->recipients.items : std::vector<std::string>{};
}

}  // namespace

Engine::Engine(std::shared_ptr<const config::Config> config,
               std::optional<vault::MasterKey> vault_key)
    : config_(std::move(config)),
      vault_key_(std::move(vault_key)),
      executor_(io_.get_executor()),
      calendar_(config_->fleet.billing_timezone),
      id_(config_->local.engine.id),
      stop_(executor_),
      tasks_(executor_, "engine") {}

Engine::~Engine() = default;

std::optional<StartFailure> Engine::run(std::function<void(unsigned short)> on_ready) {
  std::optional<StartFailure> failure;
  async::net::co_spawn(executor_, life(&failure, std::move(on_ready)), async::net::detached);
  io_.run();
  return failure;
}

void Engine::request_drain() {
  async::net::post(executor_, [this] {
    if (++drain_requests_ > 1)
      for (auto& worker : workers_) worker->hurry();
    draining_ = true;
    ready_ = false;
    stop_.notify_all();
  });
}

bool Engine::may_take() const {
  return ready_.load() && !draining_.load();
}

async::Task<> Engine::life(std::optional<StartFailure>* failure,
                           std::function<void(unsigned short)> on_ready) {
  *failure = co_await start();
  if (!*failure) {
    unsigned short port = 0;
    http_ = std::make_unique<http::Server>(
        executor_,
        http::Options{.listen = config_->local.http.listen,
                      .bearer_token = config_->local.http.bearer_token.reveal()},
        routes());
    if (auto opened = http_->open()) {
      port = *opened;
    } else {
      *failure = StartFailure{true, {"http.listen: " + opened.error().detail}};
    }
    if (const std::string& listen = config_->local.public_pages.listen; !listen.empty()) {
      public_ =
          std::make_unique<http::Server>(executor_, public_options(config_->local.public_pages),
                                         public_routes(*late_reports_, *tracking_));
      if (auto opened = public_->open()) {
        log::info("public-pages", {{"port", *opened}});
      } else {
        *failure = StartFailure{true, {"public.listen: " + opened.error().detail}};
      }
    }
    if (mail_intake_) {
      inbound_ = std::make_unique<inbound::Server>(
          executor_, mail_intake_->server_options(), mail_intake_->desk(),
          [this](inbound::ReceivedMail mail) { return mail_intake_->take(std::move(mail)); });
      if (auto opened = inbound_->open()) {
        log::info("inbound-listens", {{"port", *opened}});
      } else {
        *failure = StartFailure{true, {"inbound.listen: " + opened.error().detail}};
      }
    }
    if (!*failure) {
      log::info("engine-started", {{"engine", id_}, {"workers", workers_.size()}, {"http", port}});
      tasks_.spawn(watch());
      tasks_.spawn(watch_redis());
      if (on_ready) on_ready(port);
      while (!draining_) co_await stop_.wait_until(async::Deadline::in(1s).at);
      if (const std::string& why = supervisor_->hold().gone_back(); !why.empty())
        *failure = StartFailure{false, {why}, true};
    }
  }
  co_await shut_down();
  io_.stop();
}

async::Task<std::optional<StartFailure>> Engine::start() {
  auto url = redis::parse_url(config::redis_url(config_->local.redis));
  if (!url) co_return StartFailure{true, {"redis.url: " + url.error().detail}};
  redis_ = *url;
  redis_.client_name = "hongyan-" + id_;
  if (redis_.transport == redis::Transport::kEmbedded) {
    embedded_ = std::make_unique<redis::EmbeddedServer>(executor_, redis_.path);
    const auto started = co_await embedded_->start(async::Deadline::in(kStartPatience));
    if (!started) co_return StartFailure{false, {started.error().detail}};
    redis_ = embedded_->connect_options();
  }
  client_ = std::make_unique<redis::Client>(executor_, redis_);
  store_ = std::make_unique<store::JobStore>(*client_);
  const auto connected = co_await client_->connect(async::Deadline::in(kStartPatience));
  if (!connected && !co_await client_->wait_connected(async::Deadline::in(kStartPatience)))
    co_return StartFailure{connected.error().code == "redis-denied",
                           {redis_.masked() + ": " + connected.error().detail}};
  auto durability = co_await redis::check_durability(*client_, async::Deadline::in(kStartPatience));
  if (!durability) co_return StartFailure{false, {durability.error().detail}};
  if (!durability->faults.empty()) co_return StartFailure{true, durability->faults};
  for (const std::string& warning : durability->warnings)
    log::warning("redis-durability", {{"what", warning}});
  durability_ = std::move(*durability);
  const auto functions =
      co_await store::ensure_functions(*client_, async::Deadline::in(kStartPatience));
  if (!functions)
    co_return StartFailure{functions.error().code == "redis-functions-newer",
                           {functions.error().detail}};
  if (auto failure = co_await agree_on_configuration()) co_return failure;

  StartFailure failure{true, {}};
  const auto tell = [&failure](const Faults& faults) {
    for (const Fault& fault : faults) failure.sentences.push_back(fault.sentence());
  };
  tell(routing_faults(*config_));
  const auto classifier = load_classifier(*config_);
  if (!classifier) tell(classifier.error());
  const auto keys = DkimKeys::load(*config_);
  if (!keys) tell(keys.error());
  if (!failure.sentences.empty()) co_return failure;
  keys_ = *keys;
  certificates_ = certificates_of(config_->local);
  for (const Fault& warning : config::alignment_warnings(config_->fleet))
    log::warning("identity-not-aligned", {{"what", warning.sentence()}});
  auto secret = co_await store::shared_secret(*store_);
  if (!secret) co_return StartFailure{false, {secret.error().detail}};
  std::vector<Worker*> workers;
  const std::size_t count = std::max<std::size_t>(
      1, std::min<std::size_t>(static_cast<std::size_t>(config_->local.engine.workers),
                               config_->local.sources_here.size()));
  for (std::size_t i = 0; i < count; ++i) {
    workers_.push_back(std::make_unique<Worker>(Worker::Options{
        config_, redis_, id_ + "." + std::to_string(i),
        [this] { return calendar_.day_at(SystemClock().wall()); }, &registry_, *classifier}));
    if (auto opened = workers_.back()->open(); !opened) {
      workers_.clear();
      co_return StartFailure{true, {opened.error().detail}};
    }
    workers.push_back(workers_.back().get());
  }
  supervisor_ = std::make_unique<Supervisor>(
      executor_,
      Supervisor::Options{config_, *keys, id_, [this] { return may_take(); },
                          [this](std::int64_t at_ms) { return heartbeat(at_ms); },
                          [this] { return lanes(); }, *secret, &registry_},
      *client_, workers);
  if (auto failed = co_await open_office(*classifier, *secret)) {
    workers_.clear();
    co_return failed;
  }
  if (auto failed = open_plans()) {
    workers_.clear();
    co_return failed;
  }
  intake_ = std::make_unique<Intake>(
      executor_, Intake::Options{redis_, config_, id_,
                                 [this] { return may_take() && supervisor_->room_for_intake(); },
                                 office_.get(), *plans_});
  open_tracking(*secret);
  late_reports_ = std::make_unique<LateReports>(*store_, *secret, registry_);
  if (!config_->local.inbound.listen.empty())
    mail_intake_ = std::make_unique<MailIntake>(
        config_->local.inbound, *late_reports_,
        inbound::Reader(*classifier, [index = provider_index(config_->fleet)](
                                         std::string_view host) { return index.named(host); }),
        registry_, [this](identity::MessageRef ref) { return message_answered(std::move(ref)); });
  planner_ = std::make_unique<Planner>(
      Planner::Options{redis_, id_,
                       [config = config_](const std::string& document) {
                         return inline_items(config->fleet, document);
                       },
                       [this] { return may_take() && supervisor_->room_for_intake(); }});
  if (config_->fleet.tls_rpt)
    tls_reports_ = std::make_unique<TlsReports>(
        executor_,
        TlsReports::Options{config_, id_,
                            [this] { return may_take() && supervisor_->room_for_intake(); }},
        *store_);
  for (auto& worker : workers_) worker->start();
  planner_->start();
  ready_ = differing_.empty();
  tasks_.spawn(intake_->run(tasks_));
  tasks_.spawn(supervisor_->run(tasks_));
  if (tls_reports_) tasks_.spawn(tls_reports_->run(tasks_));
  if (office_) tasks_.spawn(office_->run(tasks_));
  tasks_.spawn(plans_->run(tasks_));
  co_return std::nullopt;
}

// The first engine publishes its fleet part; the others must have the same.
async::Task<std::optional<StartFailure>> Engine::agree_on_configuration() {
  const std::string mine = config::fleet_canonical_json(config_->fleet);
  const std::string digest = config::fleet_digest(config_->fleet);
  auto set = co_await store_->call(
      std::move(Command("HSETNX").arg(store::keys::kConfig).arg("fleet").arg(mine)));
  if (!set) co_return StartFailure{false, {set.error().detail}};
  if (set->integer() == 1) {
    const SystemClock clock;
    (void)co_await store_->call(std::move(Command("HSET")
                                              .arg(store::keys::kConfig)
                                              .arg("digest")
                                              .arg(digest)
                                              .arg("at")
                                              .arg(to_unix_ms(clock.wall()))));
  }
  auto published =
      co_await store_->call(std::move(Command("HGET").arg(store::keys::kConfig).arg("fleet")));
  if (!published) co_return StartFailure{false, {published.error().detail}};
  std::vector<std::string> differing;
  if (published->text() != mine) {
    if (auto theirs = config::fleet_from_json(std::string(published->text())))
      differing = config::differing_keys(config_->fleet, *theirs);
    if (differing.empty()) differing.emplace_back("fleet");
  }
  if (differing != differing_) {
    differing_ = std::move(differing);
    if (!differing_.empty())
      log::warning("configuration-differs",
                   {{"keys", fmt::format("{}", fmt::join(differing_, ","))}});
  }
  co_return std::nullopt;
}

// Looks once a second whether the fleet's configuration still is ours.
async::Task<> Engine::watch() {
  while (!tasks_.stopping()) {
    co_await async::sleep_for(1s);
    if (!supervisor_->hold().gone_back().empty() && !draining_) request_drain();
    if (draining_ || !client_->connected()) continue;
    (void)co_await agree_on_configuration();
    if (!draining_) ready_ = differing_.empty() && functions_fault_.empty();
  }
}

// Somebody may change Redis while we run, its disk may fill up, or our functions be taken away:
// those are loaded again. A newer revision is a newer engine's, and serves us as well.
async::Task<> Engine::watch_redis() {
  while (!tasks_.stopping()) {
    co_await async::sleep_for(kRedisLook);
    if (draining_ || !client_->connected()) continue;
    if (auto found =
            co_await redis::check_durability(*client_, async::Deadline::in(kStartPatience))) {
      if (found->faults != durability_.faults || found->warnings != durability_.warnings)
        for (const auto* sentences : {&found->faults, &found->warnings})
          for (const std::string& sentence : *sentences)
            log::warning("redis-durability", {{"what", sentence}});
      durability_ = std::move(*found);
    }
    const auto functions =
        co_await store::ensure_functions(*client_, async::Deadline::in(kStartPatience));
    const bool broken = !functions && (functions.error().code == "redis-functions-broken" ||
                                       functions.error().code == "redis-functions-denied");
    if (broken) log::error("redis-functions", {{"what", functions.error().detail}});
    if (functions || broken || functions.error().code == "redis-functions-newer")
      functions_fault_ = broken ? functions.error().detail : std::string();
  }
}

async::Task<> Engine::shut_down() {
  ready_ = false;
  draining_ = true;
  const SteadyTime hurry_at = async::Deadline::in(config_->local.engine.drain_timeout).at;
  for (auto& worker : workers_) worker->drain();
  bool hurried = false;
  while (std::ranges::any_of(workers_, [](const auto& worker) { return !worker->drained(); })) {
    co_await async::sleep_for(10ms);
    if (!hurried && std::chrono::steady_clock::now() >= hurry_at) {
      hurried = true;
      log::warning("drain-timeout", {{"engine", id_}});
      for (auto& worker : workers_) worker->hurry();
    }
  }
  for (auto& worker : workers_) worker->join();
  if (planner_) planner_->stop();
  co_await tasks_.stop();
  if (supervisor_ && client_->connected()) co_await supervisor_->release_sources();
  if (intake_) co_await intake_->close();
  if (inbound_) co_await inbound_->stop();
  if (public_) co_await public_->stop();
  if (http_) co_await http_->stop();
  if (client_) co_await client_->close();
  if (embedded_) co_await embedded_->stop();
  log::info("engine-stopped", {{"engine", id_}});
}

std::string Engine::lanes() const {
  std::vector<LaneView> all;
  for (const auto& worker : workers_)
    std::ranges::move(worker->stats().lane_views, std::back_inserter(all));
  const SystemClock clock;
  return lanes_json(to_unix_ms(clock.wall()), std::move(all));
}

std::string Engine::heartbeat(std::int64_t at_ms) const {
  std::int64_t held = 0;
  std::int64_t connections = 0;
  for (const auto& worker : workers_) {
    const WorkerStats stats = worker->stats();
    held += stats.held;
    connections += stats.connections;
  }
  const auto whole = [](std::int64_t value) { return Json::number(std::to_string(value)); };
  const auto texts = [](const std::vector<std::string>& values) {
    Json array = Json::array();
    for (const std::string& value : values) array.push(Json::string(value));
    return array;
  };
  char host[256] = {};
  (void)gethostname(host, sizeof(host) - 1);
  return to_json(Json::object({{"at", whole(at_ms)},
                               {"pid", whole(getpid())},
                               {"host", Json::string(host)},
                               {"ready", Json::boolean(ready_.load())},
                               {"holds", Json::boolean(supervisor_->hold().hold().has_value())},
                               {"not_ready_because", texts(not_ready_because())},
                               {"workers", whole(static_cast<std::int64_t>(workers_.size()))},
                               {"sources", texts(config_->local.sources_here)},
                               {"held", whole(held)},
                               {"connections", whole(connections)},
                               {"version", Json::string(HONGYAN_VERSION)}}));
}

}  // namespace hongyan::engine
