#pragma once

#include "base/error.h"
#include "sink/book.h"
#include "sink/profile.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hongyan::sink {

struct Listener {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0: the system chooses
  Profile profile{};
};

struct Options {
  std::vector<Listener> listeners{Listener{}};
  BookOptions book{};
  std::string cert_file{};  // PEM; both empty: a self-signed certificate is made
  std::string key_file{};
  Millis idle_timeout = std::chrono::minutes(5);
};

// A scripted SMTP receiver on a thread of its own.
//
//   auto sink = sink::Server::start({});
//   connect to 127.0.0.1 at (*sink)->port();
//   EXPECT_EQ((*sink)->statistics().messages, 1);
//
// Thread: any may call; the members answer from the server's thread, or directly once stopped.
class Server {
 public:
  struct Endpoint {
    std::string address;
    std::uint16_t port;
  };

  // Listens when this returns. Errors: bad-address, listen-failed, tls-setup, log-not-writable.
  static Result<std::unique_ptr<Server>> start(Options options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Closes every connection and ends the thread; the counts stay readable. Twice is harmless.
  void stop();

  const std::vector<Endpoint>& endpoints() const;  // in the order of Options::listeners
  std::uint16_t port(std::size_t listener = 0) const;
  const std::string& certificate_pem() const;  // what STARTTLS shows
  Statistics statistics() const;
  std::vector<Accepted> accepted() const;

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hongyan::sink
