#include "tests/support/dovecot.h"

#include "base/base64.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <arpa/inet.h>
#include <chrono>
#include <fcntl.h>
#include <fstream>
#include <grp.h>
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

constexpr std::string_view kTokenKey = "a key of the tests, long enough for HS256";

// Who logs in wrongly is made to wait, longer each time; tests do little else, so the penalty is
// off.
constexpr std::string_view kConf = R"(
base_dir = @DIR@/run
state_dir = @DIR@/state
log_path = @DIR@/log
listen = 127.0.0.1
protocols = imap
ssl = required
ssl_cert = <@DIR@/right.pem
ssl_key = <@DIR@/right.key
local_name expired.example {
  ssl_cert = <@DIR@/expired.pem
  ssl_key = <@DIR@/expired.key
}
auth_failure_delay = 0
auth_mechanisms = plain login xoauth2 oauthbearer
passdb {
  driver = passwd-file
  mechanisms = plain login
  args = @DIR@/users
}
passdb {
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = @DIR@/oauth2
}
userdb {
  driver = static
  args = uid=@UID@ gid=@GID@ home=@DIR@/mail/%u
}
mail_location = maildir:~/Maildir
mail_fsync = never
first_valid_uid = 1
first_valid_gid = 0
namespace inbox {
  inbox = yes
  separator = /
  mailbox Sent {
    auto = create
    special_use = \Sent
  }
}
service imap-login {
  chroot =
  inet_listener imap {
    port = @IMAP@
  }
  inet_listener imaps {
    port = @IMAPS@
    ssl = yes
  }
}
service anvil {
  chroot =
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  chroot =
}
)";

constexpr std::string_view kTokenConf = R"(
introspection_mode = local
username_attribute = sub
local_validation_key_dict = fs:posix:prefix=@DIR@/keys/
)";

std::string filled(std::string_view text,
                   std::initializer_list<std::pair<std::string_view, std::string>> values) {
  std::string out(text);
  for (const auto& [name, value] : values)
    for (std::size_t at = 0; (at = out.find(name, at)) != std::string::npos;)
      out.replace(at, name.size(), value);
  return out;
}

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
  std::ofstream(folder_ / "oauth2") << filled(kTokenConf, {{"@DIR@", dir}});
  std::filesystem::create_directories(folder_ / "keys/default/HS256");
  std::ofstream(folder_ / "keys/default/HS256/default") << encode_base64(kTokenKey);
  std::ofstream conf(folder_ / "dovecot.conf");
  conf << filled(kConf, {{"@DIR@", dir},
                         {"@IMAP@", std::to_string(imap_)},
                         {"@IMAPS@", std::to_string(imaps_)},
                         {"@UID@", std::to_string(mail_uid_)},
                         {"@GID@", std::to_string(mail_gid_)}});
  if (::getuid() != 0) {
    const passwd* me = ::getpwuid(::getuid());
    const group* ours = ::getgrgid(::getgid());
    if (me == nullptr || ours == nullptr) throw std::runtime_error("Dovecot wants a user's name");
    conf << "default_internal_user = " << me->pw_name << "\ndefault_login_user = " << me->pw_name
         << "\ndefault_internal_group = " << ours->gr_name << "\n";
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

std::string Dovecot::token(const std::string& user, std::chrono::seconds lifetime) {
  const auto encode = [](std::string_view bytes) {
    std::string text = encode_base64(bytes, Base64Kind::kUrl);
    text.resize(text.find_last_not_of('=') + 1);
    return text;
  };
  const std::int64_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  const std::string claims = R"({"sub":")" + user + R"(","iat":)" + std::to_string(now - 7200) +
                             R"(,"exp":)" + std::to_string(now + lifetime.count()) + "}";
  const std::string head = encode(R"({"alg":"HS256","typ":"JWT"})") + '.' + encode(claims);
  unsigned char mac[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), kTokenKey.data(), static_cast<int>(kTokenKey.size()),
       reinterpret_cast<const unsigned char*>(head.data()), head.size(), mac, &size);
  return head + '.' + encode({reinterpret_cast<const char*>(mac), size});
}

std::string Dovecot::log() const {
  std::stringstream text;
  text << std::ifstream(folder_ / "output").rdbuf() << std::ifstream(folder_ / "log").rdbuf();
  return text.str();
}

}  // namespace hongyan::test
