#include "base/log.h"
#include "base/service_manager.h"
#include "cli/command.h"
#include "engine/config/config.h"
#include "engine/core/engine.h"
#include "mailbox/office/vault_keys.h"

#include <csignal>
#include <cstdio>
#include <pthread.h>
#include <thread>

namespace hongyan::cli {
namespace {

// Signals are taken by a thread of their own, so that nothing happens inside a handler.
class Signals {
 public:
  explicit Signals(engine::Engine& engine) {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    thread_ = std::thread([this, &engine] {
      for (;;) {
        int got = 0;
        if (sigwait(&set_, &got) != 0 || got == SIGUSR2) return;
        tell_service_manager("STOPPING=1");
        engine.request_drain();
      }
    });
  }
  ~Signals() {
    pthread_kill(thread_.native_handle(), SIGUSR2);
    thread_.join();
  }

 private:
  sigset_t set_{};
  std::thread thread_;
};

int serve(const std::string& path, bool json) {
  auto loaded = config::load_config(path);
  if (!loaded) {
    for (const Fault& fault : loaded.error())
      std::fprintf(stderr, "%s\n", fault.sentence().c_str());
    return kBadConfig;
  }
  auto vault_key = mailbox::prepare_for_secrets(loaded->local);
  if (!vault_key) {
    std::fprintf(stderr, "vault: %s\n", vault_key.error().detail.c_str());
    return kBadConfig;
  }
  log::set_level(loaded->local.log.level);
  log::set_json(json || loaded->local.log.json);
  engine::Engine engine(std::make_shared<const config::Config>(std::move(*loaded)),
                        *std::move(vault_key));
  const Signals signals(engine);
  const auto failure = engine.run([](unsigned short port) {
    std::printf("ready http=%u\n", port);
    std::fflush(stdout);
    tell_service_manager("READY=1");
  });
  if (!failure) return kDone;
  for (const std::string& sentence : failure->sentences)
    log::fatal(failure->started ? "cannot-go-on" : "cannot-start", {{"what", sentence}});
  return failure->configuration ? kBadConfig : kTryLater;
}

}  // namespace

void add_serve(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("serve", "Run an engine until SIGTERM");
  auto path = std::make_shared<std::string>();
  command->add_option("--config", *path, "Configuration file")->required();
  const auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "log as JSON, one object a line");
  command->footer("Example:\n  hongyan serve --config configs/hongyan.toml");
  command->callback([path, json, &exit_code] { exit_code = serve(*path, *json); });
}

}  // namespace hongyan::cli
