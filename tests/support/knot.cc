#include "tests/support/knot.h"

#include <arpa/inet.h>
#include <array>
#include <fcntl.h>
#include <fstream>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace hongyan::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(port);
  return at;
}

bool bind_to(int fd, std::uint16_t port) {
  const sockaddr_in at = loopback(port);
  return bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
}

std::uint16_t port_of(int fd) {
  sockaddr_in at{};
  socklen_t size = sizeof at;
  getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
  return ntohs(at.sin_port);
}

// Free for UDP and TCP at this moment; somebody else may be quicker, so the caller tries again.
std::uint16_t free_port() {
  for (;;) {
    const int udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool bound = bind_to(udp, 0);
    const std::uint16_t port = port_of(udp);
    const bool both = bound && bind_to(tcp, port);
    close(udp);
    close(tcp);
    if (both) return port;
  }
}

}  // namespace

KnotServer::KnotServer(std::vector<Zone> zones) {
  std::string pattern = (std::filesystem::temp_directory_path() / "hongyan-knot-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder for knotd");
  folder_ = pattern;
  for (int attempt = 0; attempt < 5; ++attempt) {
    port_ = free_port();
    write_files(zones);
    if (launch()) return;
  }
  const std::string text = log();
  std::filesystem::remove_all(folder_);
  throw std::runtime_error("knotd does not start (is the package knot installed?):\n" + text);
}

KnotServer::~KnotServer() {
  stop();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void KnotServer::write_files(const std::vector<Zone>& zones) {
  std::ofstream conf(folder_ / "knot.conf");
  conf << "server:\n  rundir: " << folder_ << "\n  listen: 127.0.0.1@" << port_
       << "\n  udp-workers: 1\n  tcp-workers: 1\n  background-workers: 1\n  async-start: off\n"
       << "database:\n  storage: " << folder_ << "\n"
       << "log:\n  - target: stderr\n    any: info\n"
       << "template:\n  - id: default\n    storage: " << folder_
       << "\n    zonefile-load: whole\n    journal-content: none\n    semantic-checks: off\n"
       << "zone:\n";
  for (const Zone& zone : zones) {
    conf << "  - domain: " << zone.origin << "\n    file: " << zone.origin << ".zone\n";
    if (zone.records.empty()) continue;
    std::ofstream file(folder_ / (zone.origin + ".zone"));
    file << "$ORIGIN " << zone.origin << ".\n$TTL 300\n"
         << "@ SOA ns hostmaster 1 3600 900 604800 60\n@ NS ns\nns A 127.0.0.1\n"
         << zone.records << "\n";
  }
}

bool KnotServer::launch() {
  const std::string conf = (folder_ / "knot.conf").string();
  const std::string log_file = (folder_ / "log").string();
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int out = open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(out, 1);
    dup2(out, 2);
    execlp("knotd", "knotd", "-c", conf.c_str(), static_cast<char*>(nullptr));
    execl("/usr/sbin/knotd", "knotd", "-c", conf.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  if (answers(600)) return true;
  stop();
  return false;
}

// Asks for the SOA of the root until anything comes back; REFUSED is an answer too.
bool KnotServer::answers(int attempts) const {
  const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const sockaddr_in to = loopback(port_);
  connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  const std::array<unsigned char, 17> question{0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1};
  bool up = false;
  for (int i = 0; i < attempts && !up; ++i) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) break;
    (void)!send(fd, question.data(), question.size(), MSG_NOSIGNAL);
    pollfd wait{fd, POLLIN, 0};
    std::array<unsigned char, 512> reply{};
    up = poll(&wait, 1, 50) == 1 && recv(fd, reply.data(), reply.size(), 0) > 0;
    if (!up) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  close(fd);
  return up;
}

std::string KnotServer::log() const {
  std::stringstream text;
  text << std::ifstream(folder_ / "log").rdbuf();
  return text.str();
}

void KnotServer::stop() {
  const pid_t pid = std::exchange(pid_, -1);
  if (pid <= 0) return;
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

void KnotServer::start() {
  if (!launch()) throw std::runtime_error("knotd does not come back:\n" + log());
}

SilentServer::SilentServer() : udp_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  if (!bind_to(udp_, 0)) throw std::runtime_error("no UDP port");
  port_ = port_of(udp_);
}

SilentServer::~SilentServer() {
  close(udp_);
}

}  // namespace hongyan::test
