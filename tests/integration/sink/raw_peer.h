#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace hongyan::sink {

// A blocking client that says exactly the bytes it is told, and waits at most 20 s for answers.
class RawPeer {
 public:
  explicit RawPeer(std::uint16_t port, const char* address = "127.0.0.1") {
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    ::inet_pton(AF_INET, address, &to.sin_addr);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) shut();
  }
  ~RawPeer() { shut(); }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  int fd() const { return fd_; }
  void shut() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  void say(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  // Everything up to and with `mark`, or what came until the end or the time limit.
  std::string hear_until(std::string_view mark) {
    for (;;) {
      if (const auto at = heard_.find(mark); at != std::string::npos) {
        auto text = heard_.substr(0, at + mark.size());
        heard_.erase(0, at + mark.size());
        return text;
      }
      if (!more(20'000)) return std::exchange(heard_, {});
    }
  }
  // The final line of the next reply.
  std::string reply() {
    for (;;) {
      auto line = hear_until("\n");
      if (line.size() < 4 || line[3] != '-') return line;
    }
  }
  std::string ask(std::string_view bytes) {
    say(bytes);
    return reply();
  }
  // All that comes until the other side closes; at most `limit` bytes.
  std::string hear_out(std::size_t limit = 1 << 20) {
    while (heard_.size() < limit && more(20'000)) {
    }
    return std::exchange(heard_, {});
  }
  bool silent_for(int milliseconds) { return heard_.empty() && !more(milliseconds) && !ended_; }
  bool ended() const { return ended_; }

 private:
  bool more(int milliseconds) {
    pollfd waiting{fd_, POLLIN, 0};
    if (::poll(&waiting, 1, milliseconds) <= 0) return false;
    char buffer[65536];
    const auto n = ::recv(fd_, buffer, sizeof buffer, 0);
    ended_ = n <= 0;
    if (ended_) return false;
    heard_.append(buffer, static_cast<std::size_t>(n));
    return true;
  }

  int fd_ = -1;
  bool ended_ = false;
  std::string heard_;
};

}  // namespace hongyan::sink
