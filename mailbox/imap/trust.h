#pragma once

#include <boost/asio/ssl/context.hpp>

#include <string>

namespace hongyan::imap {

// Which certificates are good: those that lead to a known root and bear the server's name. There is
// no other mode: what goes over these connections opens a person's mailbox.
//
// Owner: whoever owns the clients; outlives them. Thread: its owner's.
class Trust {
 public:
  // An empty `ca_file`: the roots of the system. Throws at start-up when the file cannot be read.
  explicit Trust(const std::string& ca_file = {});

  boost::asio::ssl::context& context() { return context_; }
  // Sets name and verification; what is wrong with a certificate is written to `fault`, which must
  // outlive the handshake.
  static void prepare(SSL* ssl, const std::string& host, std::string& fault);

 private:
  boost::asio::ssl::context context_;
};

}  // namespace hongyan::imap
