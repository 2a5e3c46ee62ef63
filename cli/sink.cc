#include "cli/command.h"
#include "sink/profile_file.h"
#include "sink/server.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <memory>
#include <pthread.h>
#include <string>
#include <vector>

namespace hongyan::cli {
namespace {

struct Flags {
  std::vector<std::string> listen;
  std::string profile;
  sink::Options options;
  double stats_every = 0;
  bool json = false;
};

constexpr const char* kFooter = R"(Example:
  hongyan sink --listen 127.0.0.1:2525 --log accepted.ndjson &
  hongyan deliver --host 127.0.0.1 --port 2525 --from a@b.example --rcpt bounce-550-5.1.1@x.example mail.eml

Recipients write the script: bounce-550-5.1.1@, defer-451-4.7.1-2@, content-554-5.7.1@, drop-data@,
stall-rcpt@ ...; docs/sink.md has the table and the keys of a profile.)";

void print_endpoint(const sink::Server::Endpoint& at, bool json) {
  if (json) {
    const auto line = boost::json::serialize(
        boost::json::value{{"listening", {{"address", at.address}, {"port", at.port}}}});
    std::printf("%s\n", line.c_str());
  } else {
    const bool v6 = at.address.contains(':');
    std::printf("listening on %s%s%s:%u\n", v6 ? "[" : "", at.address.c_str(), v6 ? "]" : "",
                static_cast<unsigned>(at.port));
  }
}

// Blocks until SIGTERM or SIGINT; prints the counts to standard error on the way.
void wait_for_end(const sigset_t& signals, const sink::Server& server, double every) {
  for (;;) {
    const auto whole = static_cast<std::time_t>(every);
    const std::timespec span{whole, static_cast<long>((every - static_cast<double>(whole)) * 1e9)};
    const int signal =
        every > 0 ? sigtimedwait(&signals, nullptr, &span) : sigwaitinfo(&signals, nullptr);
    if (signal > 0) return;
    if (every > 0) std::fprintf(stderr, "%s\n", server.statistics().json().c_str());
  }
}

int run(Flags flags) {
  auto listeners = sink::make_listeners(flags.listen, flags.profile);
  if (!listeners) {
    for (const Fault& fault : listeners.error())
      std::fprintf(stderr, "hongyan sink: %s\n", fault.sentence().c_str());
    return kBadConfig;
  }
  flags.options.listeners = std::move(*listeners);

  // Before the server's thread is born, so that only this one meets them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  auto server = sink::Server::start(flags.options);
  if (!server) {
    std::fprintf(stderr, "hongyan sink: %s\n", server.error().detail.c_str());
    return server.error().code == "bad-address" ? kUsage : kFailed;
  }
  for (const auto& endpoint : (*server)->endpoints()) print_endpoint(endpoint, flags.json);
  std::fflush(stdout);
  wait_for_end(signals, **server, flags.stats_every);
  (*server)->stop();
  std::printf("%s\n", (*server)->statistics().json().c_str());
  return kDone;
}

}  // namespace

void add_sink(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<Flags>();
  flags->options.book.keep_records = 0;  // nobody could ask for them
  auto* command = app.add_subcommand("sink", "Receives mail by script: for tests, demos, dry runs");
  command->add_option("--listen", flags->listen,
                      "ADDR[:PORT], again and again; port 0 or none: any");
  command->add_option("--profile", flags->profile, "TOML file: how it behaves (docs/sink.md)");
  command->add_option("--log", flags->options.book.log_file,
                      "append a JSON line per accepted recipient, before its 250 goes out");
  command->add_option("--out", flags->options.book.out_dir, "write each accepted message here");
  auto* cert = command->add_option("--cert", flags->options.cert_file, "PEM chain for STARTTLS");
  auto* key = command->add_option("--key", flags->options.key_file, "its private key");
  cert->needs(key);
  key->needs(cert);
  command->add_option("--stats-every", flags->stats_every, "seconds between counts on stderr");
  command->add_flag("--json", flags->json, "JSON lines instead of text");
  command->footer(kFooter);
  command->callback([flags, &exit_code] { exit_code = run(*flags); });
}

}  // namespace hongyan::cli
