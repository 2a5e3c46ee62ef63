#pragma once

#include "cli/session.h"
#include "engine/config/config.h"
#include "engine/core/engine.h"
#include "sink/server.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace hongyan::cli::demo {

// One provider of the cast: a receiver with counts of its own.
struct Receiver {
  std::string title;
  std::string host;
  std::unique_ptr<sink::Server> server;
};

// Everything the demo runs on, in a temporary folder: an embedded Redis, a scripted receiver for
// each host that configs/demo.toml routes to, and an engine on a thread of its own. What the engine
// logs goes into the folder: standard error is redirected while the stage stands.
//
// Thread: the program's first.
class Stage {
 public:
  // Returns when the engine takes work. Errors: "demo", a sentence.
  static Result<std::unique_ptr<Stage>> raise();
  // Drains the engine, stops the receivers and Redis, removes the folder.
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  Session& session() { return *session_; }
  const std::vector<Receiver>& receivers() const { return receivers_; }
  std::size_t receiver_of(std::string_view domain) const;

  const std::filesystem::path& folder() const { return folder_; }
  std::string redis_url() const { return config_->local.redis.url; }
  std::uint16_t http_port() const { return http_port_; }
  std::string log_file() const { return (folder_ / "engine.log").string(); }

 private:
  Stage() = default;
  Result<void> make_folder();
  Result<void> cast(config::Config& config);
  Result<void> start_engine();

  std::filesystem::path folder_;
  int old_stderr_ = -1;
  std::shared_ptr<const config::Config> config_;
  std::vector<Receiver> receivers_;
  std::map<std::string, std::size_t, std::less<>> receiver_of_domain_;
  std::unique_ptr<engine::Engine> engine_;
  std::thread engine_thread_;
  std::uint16_t http_port_ = 0;
  std::unique_ptr<Session> session_;
};

}  // namespace hongyan::cli::demo
