#include "tests/integration/smtp/support.h"

#include <boost/asio/co_spawn.hpp>

#include <arpa/inet.h>
#include <chrono>
#include <signal.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace hongyan::smtp::test {
namespace {

sockaddr_in loopback_address(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

int bind_loopback(std::uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address = loopback_address(0);
  socklen_t length = sizeof address;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), length) != 0)
    throw std::runtime_error("bind failed");
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  port = ntohs(address.sin_port);
  return fd;
}

async::Task<> open_and_run(Target target, Feed* feed, TlsContexts* tls, Visit* run) {
  Connection connection(co_await async::net::this_coro::executor, *tls);
  const auto opened = co_await connection.open(std::move(target));
  if (!opened) {
    run->failure = opened.error();
    co_return;
  }
  run->tls = connection.tls_description();
  run->end = co_await connection.run(*feed);
}

}  // namespace

Delivery* ListFeed::next() {
  if (waiting_.empty()) return nullptr;
  taken_.push_back(std::move(waiting_.front()));
  waiting_.pop_front();
  return taken_.back().get();
}

async::Task<bool> ListFeed::commit(std::span<const Settled> settled, Delivery* to_mark) {
  for (const Settled& one : settled) {
    outcomes.insert(outcomes.end(), one.recipients.begin(), one.recipients.end());
    for (const std::string& rcpt : one.delivery->recipients()) outcome_of.push_back(rcpt);
    std::erase_if(taken_, [&](const auto& d) { return d.get() == one.delivery; });
  }
  if (to_mark == nullptr) co_return true;
  if (before_leave) before_leave();
  co_return marks++ != refuse_mark;
}

ScriptedServer::ScriptedServer(Script script) {
  listener_ = bind_loopback(port_);
  ::listen(listener_, 16);
  thread_ = std::thread([this, script = std::move(script)] {
    for (;;) {
      const int fd = ::accept(listener_, nullptr, nullptr);
      if (fd < 0 || stopping_) {
        if (fd >= 0) ::close(fd);
        return;
      }
      ++connections_;
      script(fd);
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
}

std::string printable(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = {};
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address);
  ::inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
  return text;
}

void send_text(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string read_until(int fd, std::string_view end) {
  std::string text;
  char byte;
  while (!text.ends_with(end)) {
    if (::recv(fd, &byte, 1, 0) <= 0) return {};
    text += byte;
  }
  return text;
}

Child::Child(std::vector<std::string> command) {
  std::vector<char*> argv;
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  if (::posix_spawn(&pid_, argv[0], nullptr, nullptr, argv.data(), environ) != 0)
    throw std::runtime_error("cannot start " + command[0]);
}

Child::~Child() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

std::uint16_t free_port() {
  std::uint16_t port = 0;
  ::close(bind_loopback(port));
  return port;
}

bool wait_for_listener(std::uint16_t port) {
  const sockaddr_in address = loopback_address(port);
  for (int i = 0; i < 500; ++i) {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int result = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::close(fd);
    if (result == 0) return true;
    ::usleep(20'000);
  }
  return false;
}

Visit run_one(Target target, Feed& feed, TlsContexts& tls) {
  async::net::io_context io(1);
  Visit visit;
  async::net::co_spawn(io.get_executor(), open_and_run(std::move(target), &feed, &tls, &visit),
                       [](const std::exception_ptr& e) {
                         if (e) std::rethrow_exception(e);
                       });
  io.run();
  return visit;
}

Visit run_one(Target target, Feed& feed, const std::string& ca_file) {
  TlsContexts tls(ca_file);
  return run_one(std::move(target), feed, tls);
}

Target loopback(std::uint16_t port) {
  Target target;
  target.endpoint.address = async::net::ip::address_v4::loopback();
  target.endpoint.port = port;
  target.host_name = "mx.example";
  target.options.ehlo_name = "out.acme.example";
  target.options.tls = TlsMode::kOff;
  return target;
}

}  // namespace hongyan::smtp::test
