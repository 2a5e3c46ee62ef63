#include "tests/support/dovecot.h"

#include <arpa/inet.h>
#include <chrono>
#include <fcntl.h>
#include <fstream>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace hongyan::test {
namespace {

using namespace std::chrono_literals;

// Two that are free at this moment; somebody else may be quicker, so the caller tries again.
std::pair<std::uint16_t, std::uint16_t> free_ports() {
  std::uint16_t ports[2] = {};
  int sockets[2] = {};
  for (int i = 0; i < 2; ++i) {
    sockets[i] = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    auto* raw = reinterpret_cast<sockaddr*>(&at);
    if (::bind(sockets[i], raw, size) != 0 || ::getsockname(sockets[i], raw, &size) != 0)
      throw std::runtime_error("no free port");
    ports[i] = ntohs(at.sin_port);
  }
  for (const int socket : sockets) ::close(socket);
  return {ports[0], ports[1]};
}

// A greeting has come.
bool answers(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{2, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(port);
  char byte = 0;
  const bool up = ::connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 &&
                  ::recv(fd, &byte, 1, 0) == 1 && byte == '*';
  ::close(fd);
  return up;
}

}  // namespace

Dovecot::Dovecot(DovecotOptions options) {
  std::string pattern = (std::filesystem::temp_directory_path() / "hongyan-imap-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = pattern;
  ::chmod(folder_.c_str(), 0755);  // its processes are of several users
  mail_uid_ = ::getuid();
  mail_gid_ = ::getgid();
  if (const passwd* its = ::getpwnam("dovecot"); its != nullptr && mail_uid_ == 0) {
    mail_uid_ = its->pw_uid;
    mail_gid_ = its->pw_gid;
  }
  authority_.write_root(folder_ / "root.pem");
  authority_.issue(folder_, "right", "imap.example");
  authority_.issue(folder_, "expired", "expired.example", -24h);
  for (int attempt = 0; attempt < 3; ++attempt) {
    std::tie(imap_, imaps_) = free_ports();
    write_files(options);
    if (launch()) return;
  }
  const std::string text = log();
  std::filesystem::remove_all(folder_);
  throw std::runtime_error("Dovecot does not start (is dovecot-imapd installed?):\n" + text);
}

Dovecot::~Dovecot() {
  kill9();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void Dovecot::write_files(const DovecotOptions& options) {
  const std::string dir = folder_.string();
  std::ofstream users(folder_ / "users");
  for (const auto& [name, password] : options.users)
    users << name << ":{PLAIN}" << password << "\n";
  std::ofstream conf(folder_ / "dovecot.conf");
  conf
      << "base_dir = " << dir << "/run\nstate_dir = " << dir << "/state\nlog_path = " << dir
      << "/log\nlisten = 127.0.0.1\nprotocols = imap\ndefault_process_limit = 50\n"
      << "ssl = required\nssl_cert = <" << dir << "/right.pem\nssl_key = <" << dir
      << "/right.key\nlocal_name expired.example {\n  ssl_cert = <" << dir
      << "/expired.pem\n  ssl_key = <" << dir << "/expired.key\n}\n"
      << "auth_failure_delay = 0\nmail_fsync = never\nfirst_valid_uid = 1\nfirst_valid_gid = 0\n"
      << "mail_location = maildir:~/Maildir\n"
      << "passdb {\n  driver = passwd-file\n  args = " << dir << "/users\n}\n"
      << "userdb {\n  driver = static\n  args = uid=" << mail_uid_ << " gid=" << mail_gid_
      << " home=" << dir << "/mail/%u\n}\n"
      << "namespace inbox {\n  inbox = yes\n  separator = /\n"
      << "  mailbox Sent {\n    auto = create\n    special_use = \\Sent\n  }\n}\n"
      << "service imap-login {\n  chroot =\n"
      << "  inet_listener imap {\n    port = " << imap_ << "\n  }\n"
      << "  inet_listener imaps {\n    port = " << imaps_
      << "\n    ssl = yes\n  }\n}\n"
      // Who logs in wrongly is made to wait, longer each time; tests do little else.
      << "service anvil {\n  chroot =\n  unix_listener anvil-auth-penalty {\n    mode = 0\n  }\n}\n"
      << "service stats {\n  chroot =\n}\n";
  if (::getuid() != 0) {
    const passwd* me = ::getpwuid(::getuid());
    const std::string name = me == nullptr ? std::to_string(::getuid()) : me->pw_name;
    conf << "default_internal_user = " << name << "\ndefault_login_user = " << name << "\n"
         << "default_internal_group = " << ::getgid() << "\n";
  }
  conf << options.config << "\n";
  std::filesystem::create_directories(folder_ / "mail");
  (void)!::chown((folder_ / "mail").c_str(), mail_uid_, mail_gid_);
}

bool Dovecot::launch() {
  const std::string conf = (folder_ / "dovecot.conf").string();
  const std::string out = (folder_ / "output").string();
  pid_ = ::fork();
  if (pid_ == 0) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    const int fd = ::open(out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(fd, 1);
    ::dup2(fd, 2);
    ::execl("/usr/sbin/dovecot", "dovecot", "-F", "-c", conf.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
  for (int i = 0; i < 1000; ++i) {
    if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      return false;
    }
    if (answers(imap_)) return true;
    std::this_thread::sleep_for(20ms);
  }
  kill9();
  return false;
}

void Dovecot::kill9() {
  const pid_t pid = std::exchange(pid_, -1);
  if (pid <= 0) return;
  ::kill(-pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
}

void Dovecot::deliver(const std::string& user, const std::vector<std::string>& messages) {
  const auto home = folder_ / "mail" / user / "Maildir";
  for (const char* part : {"tmp", "cur", "new"}) std::filesystem::create_directories(home / part);
  for (const auto& path : {home.parent_path(), home, home / "tmp", home / "cur", home / "new"})
    (void)!::chown(path.c_str(), mail_uid_, mail_gid_);
  for (const std::string& message : messages) {
    const std::string name = "1700000000.M" + std::to_string(++delivered_) + ".imap.example";
    std::ofstream(home / "tmp" / name) << message;
    (void)!::chown((home / "tmp" / name).c_str(), mail_uid_, mail_gid_);
    std::filesystem::rename(home / "tmp" / name, home / "new" / name);
  }
}

std::string Dovecot::log() const {
  std::stringstream text;
  text << std::ifstream(folder_ / "output").rdbuf() << std::ifstream(folder_ / "log").rdbuf();
  return text.str();
}

}  // namespace hongyan::test
