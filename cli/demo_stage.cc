#include "cli/demo_stage.h"

#include "base/log.h"

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <future>
#include <unistd.h>

namespace hongyan::cli::demo {
namespace {

constexpr std::chrono::seconds kStartPatience{20};
constexpr std::string_view kEveryDomain = "*";

}  // namespace

Result<std::unique_ptr<Stage>> Stage::raise() {
  std::unique_ptr<Stage> stage(new Stage());
  if (auto made = stage->make_folder(); !made) return std::unexpected(made.error());
  auto config = config::load_config_text(config::demo_config(), "configs/demo.toml",
                                         config::Surroundings::of_this_host(stage->folder_));
  if (!config) return fail(Scope::kProcess, "demo", config.error().front().sentence());
  config->local.redis.url = "embedded:" + (stage->folder_ / "redis").string();
  if (auto playing = stage->cast(*config); !playing) return std::unexpected(playing.error());
  stage->config_ = std::make_shared<const config::Config>(std::move(*config));
  if (auto started = stage->start_engine(); !started) return std::unexpected(started.error());
  auto session = Session::open(Common{.redis = stage->redis_url()});
  if (!session) return std::unexpected(session.error());
  stage->session_ = std::move(*session);
  return stage;
}

Stage::~Stage() {
  session_.reset();
  if (engine_thread_.joinable()) {
    engine_->request_drain();
    engine_thread_.join();
  }
  engine_.reset();
  for (Receiver& receiver : receivers_) receiver.server->stop();
  log::flush();
  if (old_stderr_ >= 0) {
    ::dup2(old_stderr_, STDERR_FILENO);
    ::close(old_stderr_);
  }
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

Result<void> Stage::make_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "hongyan-demo-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    return fail(Scope::kProcess, "demo", "no folder can be made for " + name);
  folder_ = name;
  const int log = ::open(log_file().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) return fail(Scope::kProcess, "demo", log_file() + " cannot be written");
  old_stderr_ = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  ::dup2(log, STDERR_FILENO);
  ::close(log);
  return {};
}

// A receiver per host of the routes; the routes get its port.
Result<void> Stage::cast(config::Config& config) {
  for (config::StaticRoute& route : config.fleet.routes) {
    auto at = std::ranges::find(receivers_, route.host, &Receiver::host);
    if (at == receivers_.end()) {
      sink::Options options;
      options.listeners.front().address = route.host;
      options.listeners.front().profile.host = "mx." + route.host + ".hongyan.test";
      options.book.keep_records = 0;
      auto server = sink::Server::start(std::move(options));
      if (!server) return fail(Scope::kProcess, "demo", route.host + ": " + server.error().detail);
      const std::string title = route.provider.empty()
                                    ? "公司 companies"
                                    : config.fleet.providers.at(route.provider).title;
      receivers_.push_back({title, route.host, std::move(*server)});
      at = receivers_.end() - 1;
    }
    route.port = at->server->port();
    receiver_of_domain_[route.domain] = static_cast<std::size_t>(at - receivers_.begin());
  }
  return {};
}

Result<void> Stage::start_engine() {
  engine_ = std::make_unique<engine::Engine>(config_);
  std::promise<Result<std::uint16_t>> promise;
  auto ready = promise.get_future();
  engine_thread_ = std::thread([this, told = std::move(promise)]() mutable {
    const auto failure = engine_->run([&told](unsigned short port) { told.set_value(port); });
    if (failure) {
      const bool silent = failure->sentences.empty();
      told.set_value(fail(Scope::kProcess, "demo", silent ? "" : failure->sentences.front()));
    }
  });
  if (ready.wait_for(kStartPatience) != std::future_status::ready)
    return fail(Scope::kProcess, "demo", "the engine is not ready in time");
  const auto port = ready.get();
  if (!port) return std::unexpected(port.error());
  http_port_ = *port;
  return {};
}

std::size_t Stage::receiver_of(std::string_view domain) const {
  const auto at = receiver_of_domain_.find(domain);
  return at != receiver_of_domain_.end() ? at->second
                                         : receiver_of_domain_.at(std::string(kEveryDomain));
}

}  // namespace hongyan::cli::demo
