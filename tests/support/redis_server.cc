#include "tests/support/redis_server.h"

#include "store/redis/blocking.h"

#include <arpa/inet.h>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace hongyan::test {
namespace {

using namespace std::chrono_literals;

int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (::bind(fd, raw, size) != 0 || ::getsockname(fd, raw, &size) != 0)
    throw std::runtime_error("no free port");
  ::close(fd);
  return ntohs(address.sin_port);
}

void make_certificate(const std::filesystem::path& dir) {
  const std::string command =
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
      "-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout '" +
      (dir / "key.pem").string() + "' -out '" + (dir / "cert.pem").string() + "' 2>/dev/null";
  if (std::system(command.c_str()) != 0) throw std::runtime_error("openssl made no certificate");
}

pid_t spawn(std::vector<std::string> arguments, const std::string& log) {
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  pid_t pid = -1;
  const int failed = ::posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("redis-server cannot be started");
  return pid;
}

}  // namespace

RedisServer::RedisServer(RedisServerOptions options) : options_(std::move(options)) {
  std::string pattern = (std::filesystem::temp_directory_path() / "hongyan-redis-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  dir_ = pattern;
  if (options_.tls) make_certificate(dir_);
  // Another process may take the port between free_port() and the bind.
  for (int attempt = 0;; ++attempt) {
    if (options_.tcp || options_.tls) port_ = free_port();
    start();
    try {
      wait_until_answering();
      return;
    } catch (const std::runtime_error&) {
      kill9();
      if (attempt == 2 || port_ == 0) throw;
    }
  }
}

RedisServer::~RedisServer() {
  kill9();
  std::error_code ignored;
  std::filesystem::remove_all(dir_, ignored);
}

void RedisServer::start() {
  const std::string plain = options_.tcp && !options_.tls ? std::to_string(port_) : "0";
  std::vector<std::string> arguments{"redis-server",
                                     "--port",
                                     plain,
                                     "--bind",
                                     "127.0.0.1",
                                     "--dir",
                                     dir_.string(),
                                     "--unixsocket",
                                     (dir_ / "redis.sock").string(),
                                     "--save",
                                     "",
                                     "--daemonize",
                                     "no",
                                     "--maxmemory-policy",
                                     "noeviction"};
  const auto add = [&arguments](std::vector<std::string> more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
  };
  if (options_.appendfsync != "off")
    add({"--appendonly", "yes", "--appendfsync", options_.appendfsync});
  if (options_.tls)
    add({"--tls-port", std::to_string(port_), "--tls-cert-file", ca_file(), "--tls-key-file",
         (dir_ / "key.pem").string(), "--tls-ca-cert-file", ca_file(), "--tls-auth-clients", "no"});
  if (!options_.acl.empty()) {
    std::ofstream file(dir_ / "users.acl");
    file << "user default on nopass ~* &* +@all\n";
    for (const std::string& line : options_.acl) file << "user " << line << "\n";
    add({"--aclfile", (dir_ / "users.acl").string()});
  }
  add(options_.config);
  pid_ = spawn(std::move(arguments), (dir_ / "redis.log").string());
}

void RedisServer::wait_until_answering() {
  auto options = redis::parse_url(unix_url());
  redis::BlockingClient client(*options);
  if (const auto connected = client.connect(20s); !connected)
    throw std::runtime_error("redis-server does not answer: " + connected.error().detail + "\n" +
                             log());
}

std::string RedisServer::unix_url() const {
  return "unix:" + (dir_ / "redis.sock").string();
}

std::string RedisServer::url() const {
  const std::string at = "127.0.0.1:" + std::to_string(port_);
  if (options_.tls) return "rediss://" + at + "?ca=" + ca_file();
  return options_.tcp ? "redis://" + at : unix_url();
}

redis::ConnectOptions RedisServer::connect_options() const {
  return *redis::parse_url(url());
}

void RedisServer::kill9() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void RedisServer::restart(bool wait) {
  kill9();
  start();
  if (wait) wait_until_answering();
}

void RedisServer::freeze() {
  ::kill(pid_, SIGSTOP);
}
void RedisServer::thaw() {
  ::kill(pid_, SIGCONT);
}

std::string RedisServer::log() const {
  std::ifstream in(dir_ / "redis.log");
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace hongyan::test
