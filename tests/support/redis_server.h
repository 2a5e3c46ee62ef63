#pragma once

#include "store/redis/url.h"

#include <filesystem>
#include <string>
#include <sys/types.h>
#include <vector>

namespace hongyan::test {

struct RedisServerOptions {
  bool tcp = false;                    // also on 127.0.0.1, a free port
  bool tls = false;                    // instead of plain TCP, with a certificate made for it
  std::string appendfsync = "always";  // "always", "everysec", "no"; "off": no append-only file
  std::vector<std::string> acl{};      // "alice on >secret ~* +@all", one user per line
  std::vector<std::string> config{};   // more of redis-server's arguments: {"--maxmemory", "4mb"}
};

// A redis-server of one test, in a temporary folder that goes with it. Answers when the
// constructor returns; throws std::runtime_error with the server's log when it does not start.
class RedisServer {
 public:
  explicit RedisServer(RedisServerOptions options = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  // "rediss://127.0.0.1:P?ca=...", "redis://127.0.0.1:P", otherwise "unix:/tmp/.../redis.sock".
  std::string url() const;
  std::string unix_url() const;
  redis::ConnectOptions connect_options() const;

  // SIGKILL, and gone when it returns. The data folder stays for restart().
  void kill9();
  // Starts again (after kill9() or not) on the same address and data; waits until it answers,
  // unless told otherwise.
  void restart(bool wait = true);
  // SIGSTOP and SIGCONT: a Redis that hangs without closing anything.
  void freeze();
  void thaw();

  pid_t pid() const { return pid_; }
  int port() const { return port_; }
  std::filesystem::path dir() const { return dir_; }
  std::string ca_file() const { return (dir_ / "cert.pem").string(); }
  std::string log() const;

 private:
  void start();
  void wait_until_answering();

  RedisServerOptions options_;
  std::filesystem::path dir_;
  int port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace hongyan::test
