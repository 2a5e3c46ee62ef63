#include "store/redis/embedded.h"

#include "base/log.h"
#include "store/redis/client.h"
#include "store/redis/unix_path.h"

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <signal.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace hongyan::redis {
namespace {

using async::Deadline;
using async::Task;
using namespace std::chrono_literals;

constexpr auto kRetry = 20ms;

std::unexpected<Error> broken(std::string detail) {
  return fail(Scope::kProcess, "redis-embedded", std::move(detail));
}
std::string reason() {
  return std::strerror(errno);
}

// Closes on scope exit.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

std::vector<std::string> arguments(const EmbeddedOptions& options) {
  return {"redis-server",
          "--port",
          "0",
          "--unixsocket",
          "redis.sock",
          "--unixsocketperm",
          "700",
          "--daemonize",
          "no",
          "--dir",
          ".",
          "--logfile",
          "redis.log",
          "--appendonly",
          "yes",
          "--appendfsync",
          options.appendfsync,
          "--save",
          "",
          "--maxmemory-policy",
          "noeviction"};
}

}  // namespace

EmbeddedServer::EmbeddedServer(async::Executor executor, std::string dir, EmbeddedOptions options)
    : executor_(executor),
      dir_(std::filesystem::absolute(dir).lexically_normal().string()),
      options_(std::move(options)),
      tasks_(executor, "redis-embedded") {}

EmbeddedServer::~EmbeddedServer() {
  if (users_lock_ >= 0) ::close(users_lock_);
}

ConnectOptions EmbeddedServer::connect_options() const {
  ConnectOptions options;
  options.transport = Transport::kEmbedded;
  options.path = dir_;
  return options;
}

Result<void> EmbeddedServer::prepare_folder() {
  std::error_code ec;
  std::filesystem::create_directories(dir_, ec);
  struct stat facts{};
  if (::stat(dir_.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode))
    return broken(dir_ + " is no folder and cannot be made one: " + reason());
  if (facts.st_uid != ::geteuid()) return broken(dir_ + " belongs to another user");
  if (::chmod(dir_.c_str(), 0700) != 0) return broken(dir_ + ": " + reason());
  if (users_lock_ < 0)
    users_lock_ = ::open((dir_ + "/users.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (users_lock_ < 0) return broken(dir_ + "/users.lock: " + reason());
  return {};
}

Result<pid_t> EmbeddedServer::listener() const {
  const auto path = UnixPath::of(connect_options().socket_path());
  if (!path) return broken(path.error().detail);
  const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path->reachable().copy(address.sun_path, sizeof(address.sun_path) - 1);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return 0;
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
    return broken("SO_PEERCRED: " + reason());
  if (peer.uid != ::geteuid())
    return broken(dir_ + "/redis.sock is served by another user's process " +
                  std::to_string(peer.pid));
  return peer.pid;
}

Result<void> EmbeddedServer::spawn_if_dead() {
  const Descriptor lock(
      ::open((dir_ + "/server.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.get() < 0) return broken(dir_ + "/server.lock: " + reason());
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return {};  // one lives, or is on its way

  auto words = arguments(options_);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, dir_.c_str());
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "redis.log", O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  // Onto itself: clears close-on-exec in the server only, which so inherits the lock.
  posix_spawn_file_actions_adddup2(&actions, lock.get(), lock.get());
  // Its own session: a Ctrl-C meant for us must not end it. Signals as a fresh program has them.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes,
                           POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = 0;
  int failed = ::posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), environ);
  if (failed == ENOENT)
    failed =
        ::posix_spawn(&pid, "/usr/bin/redis-server", &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0)
    return broken("redis-server cannot be started (is the package redis-server installed?): " +
                  std::string(std::strerror(failed)));
  child_ = pid;
  return {};
}

Task<Result<void>> EmbeddedServer::ensure_running(Deadline deadline) {
  for (;;) {
    const auto pid = listener();
    if (!pid) co_return std::unexpected(pid.error());
    if (*pid != 0) {
      pid_ = *pid;
      break;
    }
    if (child_ != 0 && ::waitpid(child_, nullptr, WNOHANG) == child_) {
      child_ = 0;
      co_return broken("redis-server ended at once; see " + dir_ + "/redis.log");
    }
    if (child_ == 0) {
      if (auto spawned = spawn_if_dead(); !spawned) co_return spawned;
    }
    if (std::chrono::steady_clock::now() >= deadline.at)
      co_return broken("redis-server in " + dir_ + " does not answer; see " + dir_ + "/redis.log");
    co_await async::sleep_for(kRetry);
  }
  Client probe(executor_, connect_options());
  auto answers = co_await probe.connect(deadline);
  co_await probe.close();
  if (!answers) co_return broken("redis-server in " + dir_ + ": " + answers.error().detail);
  co_return Result<void>();
}

Task<Result<void>> EmbeddedServer::start(Deadline deadline) {
  if (auto ready = prepare_folder(); !ready) co_return ready;
  // Fails only while another user's stop() decides whether it is the last.
  while (::flock(users_lock_, LOCK_SH | LOCK_NB) != 0) {
    if (std::chrono::steady_clock::now() >= deadline.at)
      co_return broken(dir_ + " is being stopped by another process");
    co_await async::sleep_for(kRetry);
  }
  if (auto running = co_await ensure_running(deadline); !running) co_return running;
  found_ = child_ == 0;
  tasks_.spawn(watch());
  co_return Result<void>();
}

Task<bool> EmbeddedServer::wait_dead(pid_t pid, Deadline deadline) {
  // Debian 12's <sys/pidfd.h> lacks extern "C".
  const int fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (fd >= 0) {
    async::net::posix::basic_stream_descriptor<async::Executor> process(executor_, fd);
    async::Timer timer(executor_, deadline.at);
    timer.async_wait([&process](boost::system::error_code ec) {
      if (!ec) process.cancel(ec);
    });
    auto [ec] = co_await process.async_wait(
        async::net::posix::basic_stream_descriptor<async::Executor>::wait_read, async::kTuple);
    if (ec) co_return false;
  }
  if (pid == child_) {
    ::waitpid(child_, nullptr, WNOHANG);
    child_ = 0;
  }
  co_return true;
}

Task<> EmbeddedServer::watch() {
  auto pause = 50ms;
  while (!tasks_.stopping()) {
    const pid_t pid = pid_;
    if (!co_await wait_dead(pid, Deadline{SteadyTime::max()})) continue;
    log::warning("embedded-redis-died", {{"dir", dir_}, {"pid", pid}});
    while (!tasks_.stopping()) {
      const auto running = co_await ensure_running(Deadline::in(30s));
      if (running) {
        ++restarts_;
        pause = 50ms;
        break;
      }
      log::warning("embedded-redis-away", {{"dir", dir_}, {"detail", running.error().detail}});
      co_await async::sleep_for(pause);
      pause = std::min<std::chrono::milliseconds>(pause * 2, 2000ms);
    }
  }
}

Task<> EmbeddedServer::stop() {
  co_await tasks_.stop();
  if (users_lock_ < 0) co_return;
  const bool last = ::flock(users_lock_, LOCK_EX | LOCK_NB) == 0;
  if (last && !options_.keep && pid_ > 0) {
    // SIGTERM makes Redis write what is left of the append-only file and end.
    const auto serving = listener();
    if (serving && *serving == pid_ && ::kill(pid_, SIGTERM) == 0 &&
        !co_await wait_dead(pid_, Deadline::in(10s)))
      log::warning("embedded-redis-lingers", {{"dir", dir_}, {"pid", pid_}});
  }
  ::close(users_lock_);
  users_lock_ = -1;
  pid_ = 0;
}

}  // namespace hongyan::redis
