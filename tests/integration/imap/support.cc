#include "tests/integration/imap/support.h"

#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdexcept>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hongyan::imap::test {
namespace {

async::Task<bool> say_goodbye(Client* client) {
  co_await client->logout();
  co_return true;
}

}  // namespace

void Visitor::logout() {
  wait_for(io_, say_goodbye(&client));
}

Server loopback(std::uint16_t port, const std::string& host, TlsStart tls) {
  return {host, {async::net::ip::address_v4::loopback()}, port, tls};
}

Folders::Folders() {
  std::string pattern = (std::filesystem::temp_directory_path() / "hongyan-tls-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}
Folders::~Folders() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Talk::~Talk() {
  SSL_free(ssl_);
}

bool Talk::start_tls() {
  ssl_ = SSL_new(context_);
  SSL_set_fd(ssl_, fd_);
  return SSL_accept(ssl_) == 1;
}

void Talk::say(std::string_view text) {
  while (!text.empty()) {
    const auto sent = ssl_ != nullptr ? SSL_write(ssl_, text.data(), static_cast<int>(text.size()))
                                      : ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string Talk::hear() {
  std::string line;
  char byte = 0;
  while (!line.ends_with("\r\n")) {
    const auto got = ssl_ != nullptr ? SSL_read(ssl_, &byte, 1) : ::recv(fd_, &byte, 1, 0);
    if (got <= 0) return {};
    line += byte;
  }
  return line.substr(0, line.size() - 2);
}

std::string Talk::answer(std::string_view text) {
  std::string line = hear();
  const std::string tag = line.substr(0, line.find(' '));
  std::string out;
  for (const char c : text) out += c == '$' ? tag : std::string(1, c);
  say(out);
  return line;
}

ScriptedServer::ScriptedServer(Script script) : context_(SSL_CTX_new(TLS_server_method())) {
  ::signal(SIGPIPE, SIG_IGN);  // SSL_write to a client that has gone
  authority_.write_root(folder_.path() / "root.pem");
  authority_.issue(folder_.path(), "right", "imap.example");
  const auto file = [&](const char* name) { return (folder_.path() / name).string(); };
  if (SSL_CTX_use_certificate_file(context_, file("right.pem").c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_use_PrivateKey_file(context_, file("right.key").c_str(), SSL_FILETYPE_PEM) != 1)
    throw std::runtime_error("no certificate");
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  auto* raw = reinterpret_cast<sockaddr*>(&at);
  if (::bind(listener_, raw, size) != 0 || ::listen(listener_, 16) != 0)
    throw std::runtime_error("no port");
  ::getsockname(listener_, raw, &size);
  port_ = ntohs(at.sin_port);
  thread_ = std::thread([this, script = std::move(script)] {
    for (;;) {
      const int fd = ::accept(listener_, nullptr, nullptr);
      if (fd < 0 || stopping_) {
        if (fd >= 0) ::close(fd);
        return;
      }
      ++connections_;
      {
        Talk talk(fd, context_);
        script(talk);
      }
      ::close(fd);
    }
  });
}

void ScriptedServer::stop() {
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  if (thread_.joinable()) thread_.join();
}

ScriptedServer::~ScriptedServer() {
  stop();
  ::close(listener_);
  SSL_CTX_free(context_);
}

}  // namespace hongyan::imap::test
