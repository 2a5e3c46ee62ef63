#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace hongyan::test {

// A zone to serve; `records` are lines of a master file, relative to the origin, SOA and NS come by
// themselves (SOA MINIMUM is 60). An empty `records` leaves the file out: the zone is SERVFAIL.
struct Zone {
  std::string origin;  // "example.test"
  std::string records;
};

// A real authoritative name server (knotd) on 127.0.0.1, UDP and TCP, with its own temporary
// folder. It must be installed: without it the constructor fails the test.
//
// Errors: throws std::runtime_error with knotd's log when it does not come up.
class KnotServer {
 public:
  explicit KnotServer(std::vector<Zone> zones);
  ~KnotServer();
  KnotServer(const KnotServer&) = delete;
  KnotServer& operator=(const KnotServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  void stop();   // SIGKILL; the port stays refused until start()
  void start();  // on the same port; returns when it answers

 private:
  void write_files(const std::vector<Zone>& zones);
  bool launch();  // false: it ended at once, the port was taken
  bool answers(int attempts) const;
  std::string log() const;

  std::filesystem::path folder_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};

// A bound UDP port that swallows whatever comes: a name server that never answers.
class SilentServer {
 public:
  SilentServer();
  ~SilentServer();
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int udp_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace hongyan::test
