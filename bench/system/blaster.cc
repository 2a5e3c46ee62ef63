// The limit of this wire: a bare SMTP client that knows nothing but to send. One thread, epoll,
// content N and envelope N+1 in one write, one round trip per message. No queue, no scheduling, no
// outcome kept: what a real sender may at most reach against the same receiver on the same machine.
#include <CLI/CLI.hpp>

#include <arpa/inet.h>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace {

struct Plan {
  std::string host = "127.0.0.1";
  std::uint16_t port = 25;
  unsigned connections = 20;
  std::uint64_t messages = 100'000;
  std::size_t size = 4096;
};

[[noreturn]] void die(const char* what) {
  std::fprintf(stderr, "blaster: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

class Blaster {
 public:
  explicit Blaster(Plan plan) : plan_(std::move(plan)), filler_(filler(plan_.size)) {}

  void run() {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) die("epoll_create1");
    connections_.resize(plan_.connections);
    for (std::size_t i = 0; i < connections_.size(); ++i) connect(i);
    std::vector<epoll_event> events(connections_.size());
    while (open_ != 0) {
      const int n = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 30'000);
      if (n == 0) errno = ETIMEDOUT;
      if (n <= 0) die("epoll_wait");
      for (int i = 0; i < n; ++i) ready(connections_[events[static_cast<std::size_t>(i)].data.u64]);
    }
    close(epoll_);
  }
  std::uint64_t accepted() const { return accepted_; }
  std::uint64_t refused() const { return refused_; }

 private:
  struct Connection {
    int fd = -1;
    // Replies still to come, in order: b banner, e EHLO, m MAIL, r RCPT, d DATA, c content, q QUIT.
    std::string awaited;
    std::string in;
    std::string out;
    std::uint64_t number = 0;  // of the message whose envelope is out
    bool more = false;         // and there is one
    bool polling_out = false;
  };

  static std::string filler(std::size_t size) {
    std::string text;
    while (text.size() < size)
      text += "Lorem ipsum, a line of seventy-two characters for the body of a mail..\r\n";
    return text;
  }

  void connect(std::size_t index) {
    Connection& c = connections_[index];
    c.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(plan_.port);
    if (inet_pton(AF_INET, plan_.host.c_str(), &to.sin_addr) != 1) die("address");
    if (::connect(c.fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) die("connect");
    const int on = 1;
    setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    fcntl(c.fd, F_SETFL, O_NONBLOCK);
    epoll_event event{EPOLLIN, {.u64 = index}};
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, c.fd, &event) != 0) die("epoll_ctl");
    c.awaited = "b";
    ++open_;
  }

  void envelope(Connection& c) {
    c.more = next_ < plan_.messages;
    if (!c.more) {
      c.out += "QUIT\r\n";
      c.awaited += 'q';
      return;
    }
    c.number = next_++;
    c.out += "MAIL FROM:<bench@sender.test>\r\nRCPT TO:<user";
    (c.out += std::to_string(c.number)) += "@sink.test>\r\nDATA\r\n";
    c.awaited += "mrd";
  }

  void content(Connection& c) {
    const auto number = std::to_string(c.number);
    ((c.out += "From: bench@sender.test\r\nTo: user") += number) +=
        "@sink.test\r\nSubject: message ";
    ((c.out += number) += "\r\nMessage-ID: <") += number;
    c.out += ".blaster@sender.test>\r\n\r\nDear user ";
    ((c.out += number) += ",\r\n").append(filler_, 0, filler_.size() - 160);
    c.out += "\r\n.\r\n";
    c.awaited += 'c';
  }

  void ready(Connection& c) {
    char buffer[16384];
    for (;;) {
      const auto n = recv(c.fd, buffer, sizeof buffer, 0);
      if (n < 0 && errno == EAGAIN) break;
      if (n <= 0) {
        if (c.awaited != "q") die("the receiver closed early");
        return end(c);
      }
      c.in.append(buffer, static_cast<std::size_t>(n));
      if (static_cast<std::size_t>(n) < sizeof buffer) break;
    }
    std::size_t from = 0;
    for (auto at = c.in.find('\n'); at != std::string::npos; at = c.in.find('\n', from)) {
      const std::string_view line(c.in.data() + from, at - from);
      from = at + 1;
      if (line.size() >= 4 && line[3] == ' ' && !reply(c, line)) return;
    }
    c.in.erase(0, from);
    flush(c);
  }

  // False when the connection has ended.
  bool reply(Connection& c, std::string_view line) {
    if (c.awaited.empty()) die("a reply too many");
    const char what = c.awaited.front();
    c.awaited.erase(0, 1);
    const bool good = line[0] == '2' || line[0] == '3';
    if (what == 'c') {
      ++(good ? accepted_ : refused_);
    } else if (!good) {
      std::fprintf(stderr, "blaster: refused at %c: %.*s\n", what, static_cast<int>(line.size()),
                   line.data());
      std::exit(1);
    }
    if (what == 'b') {
      c.out += "EHLO blaster.test\r\n";
      c.awaited += 'e';
    } else if (what == 'e') {
      envelope(c);
    } else if (what == 'd') {
      content(c);
      envelope(c);
    } else if (what == 'q') {
      end(c);
      return false;
    }
    return true;
  }

  void flush(Connection& c) {
    while (!c.out.empty()) {
      const auto n = send(c.fd, c.out.data(), c.out.size(), MSG_NOSIGNAL);
      if (n < 0 && errno != EAGAIN) die("send");
      if (n < 0) break;
      c.out.erase(0, static_cast<std::size_t>(n));
    }
    if (c.out.empty() == c.polling_out) {
      c.polling_out = !c.out.empty();
      const auto index = static_cast<std::uint64_t>(&c - connections_.data());
      epoll_event event{EPOLLIN, {.u64 = index}};
      if (c.polling_out) event.events |= EPOLLOUT;
      epoll_ctl(epoll_, EPOLL_CTL_MOD, c.fd, &event);
    }
  }

  void end(Connection& c) {
    close(c.fd);
    c.fd = -1;
    --open_;
  }

  Plan plan_;
  std::string filler_;
  std::vector<Connection> connections_;
  int epoll_ = -1;
  std::size_t open_ = 0;
  std::uint64_t next_ = 0;
  std::uint64_t accepted_ = 0;
  std::uint64_t refused_ = 0;
};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](timeval t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  Plan plan;
  CLI::App app(
      "The limit of the wire: bare SMTP with overlapped pipelining; JSON on standard output");
  app.add_option("--host", plan.host, "IPv4 address")->capture_default_str();
  app.add_option("--port", plan.port)->required();
  app.add_option("--connections", plan.connections)->capture_default_str();
  app.add_option("--messages", plan.messages)->capture_default_str();
  app.add_option("--size", plan.size, "bytes of each message")->check(CLI::Range(512, 1 << 24));
  CLI11_PARSE(app, argc, argv);

  Blaster blaster(plan);
  const auto start = std::chrono::steady_clock::now();
  blaster.run();
  const std::chrono::duration<double> span = std::chrono::steady_clock::now() - start;
  std::printf(
      "{\"messages\":%llu,\"refused\":%llu,\"seconds\":%.6f,\"messages_per_second\":%.1f,"
      "\"cpu_seconds\":%.6f,\"connections\":%u,\"size\":%zu}\n",
      static_cast<unsigned long long>(blaster.accepted()),
      static_cast<unsigned long long>(blaster.refused()), span.count(),
      static_cast<double>(blaster.accepted()) / span.count(), cpu_seconds(), plan.connections,
      plan.size);
  return blaster.refused() == 0 ? 0 : 1;
}
