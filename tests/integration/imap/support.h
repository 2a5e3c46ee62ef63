#pragma once

#include "mailbox/imap/client.h"
#include "mailbox/imap/trust.h"
#include "tests/support/authority.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <thread>

struct ssl_st;
struct ssl_ctx_st;

namespace hongyan::imap::test {

// Runs a task to its end.
template <class T>
T wait_for(async::net::io_context& io, async::Task<T> task) {
  std::optional<T> result;
  async::net::co_spawn(io.get_executor(), std::move(task), [&](std::exception_ptr e, T value) {
    if (e) std::rethrow_exception(e);
    result.emplace(std::move(value));
  });
  io.restart();
  io.run();
  return std::move(*result);
}

// A client whose calls wait.
class Visitor {
 public:
  Visitor(Server server, const std::string& ca_file, ClientOptions options = {})
      : trust_(ca_file),
        client(io_.get_executor(), trust_, std::move(server), std::move(options)) {}

  template <class T>
  T run(async::Task<T> task) {
    return wait_for(io_, std::move(task));
  }
  auto open() { return wait_for(io_, client.open()); }
  auto login(const std::string& user, const std::string& secret,
             Login::Kind kind = Login::Kind::kPassword) {
    return wait_for(io_, client.login({kind, user, secret}));
  }
  auto examine(const std::string& folder, std::uint32_t known = 0) {
    return wait_for(io_, client.examine(folder, known));
  }
  auto folders() { return wait_for(io_, client.folders()); }
  auto uids_from(std::uint32_t low) { return wait_for(io_, client.uids_from(low)); }
  auto fetch(std::vector<std::uint32_t> uids) { return wait_for(io_, client.fetch(uids)); }
  auto idle(Millis at_most) { return wait_for(io_, client.idle(at_most)); }
  auto poll() { return wait_for(io_, client.poll()); }
  auto append(const std::string& folder, const std::string& message, WallTime date) {
    return wait_for(io_, client.append(folder, message, date));
  }
  void logout();

 private:
  async::net::io_context io_{1};
  Trust trust_;

 public:
  Client client;
};

Server loopback(std::uint16_t port, const std::string& host = "imap.example",
                TlsStart tls = TlsStart::kAtOnce);

// A folder that goes with its object.
class Folders {
 public:
  Folders();
  ~Folders();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// The server's half of one connection, in a thread of the server.
class Talk {
 public:
  Talk(int fd, ssl_ctx_st* context) : fd_(fd), context_(context) {}
  ~Talk();
  Talk(const Talk&) = delete;
  Talk& operator=(const Talk&) = delete;

  bool start_tls();
  void say(std::string_view text);
  // The next line without its end; empty: the client is gone.
  std::string hear();
  // Hears a command and says `text` with its tag for every "$".
  std::string answer(std::string_view text);

 private:
  int fd_;
  ssl_ctx_st* context_;
  ssl_st* ssl_ = nullptr;
};

// A server that plays a script against every connection. Its certificate is imap.example's.
class ScriptedServer {
 public:
  using Script = std::function<void(Talk&)>;
  explicit ScriptedServer(Script script);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  // No more connections; waits for the script that runs.
  void stop();
  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }
  std::string ca_file() const { return (folder_.path() / "root.pem").string(); }

 private:
  hongyan::test::Authority authority_;
  Folders folder_;
  ssl_ctx_st* context_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace hongyan::imap::test
