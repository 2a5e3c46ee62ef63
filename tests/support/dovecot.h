#pragma once

#include "tests/support/authority.h"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace hongyan::test {

struct DovecotOptions {
  std::vector<std::pair<std::string, std::string>> users;  // name, password
  std::string config;                                      // more lines of dovecot.conf
};

// A real Dovecot on 127.0.0.1 with its own folder and root: imap.example is right, expired.example
// was once. Runs as whoever runs the test, root or not. It must be installed.
//
// Errors: throws std::runtime_error with Dovecot's log when it does not come up.
class Dovecot {
 public:
  explicit Dovecot(DovecotOptions options);
  ~Dovecot();
  Dovecot(const Dovecot&) = delete;
  Dovecot& operator=(const Dovecot&) = delete;

  std::uint16_t imap_port() const { return imap_; }    // STARTTLS
  std::uint16_t imaps_port() const { return imaps_; }  // TLS at once
  std::string ca_file() const { return (folder_ / "root.pem").string(); }

  // Puts messages into the INBOX as a delivery agent would, unread.
  void deliver(const std::string& user, const std::vector<std::string>& messages);
  // An access token as an OAuth2 provider would give it (RFC 9068), over after `lifetime`.
  static std::string token(const std::string& user, std::chrono::seconds lifetime);
  void kill9();
  std::string log() const;

 private:
  void write_files(const DovecotOptions& options);
  bool launch();

  Authority authority_;
  std::filesystem::path folder_;
  uid_t mail_uid_ = 0;
  gid_t mail_gid_ = 0;
  std::uint16_t imap_ = 0;
  std::uint16_t imaps_ = 0;
  unsigned delivered_ = 0;
  pid_t pid_ = -1;
};

}  // namespace hongyan::test
