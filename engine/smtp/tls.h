#pragma once

#include "engine/smtp/options.h"

#include <boost/asio/ssl/context.hpp>

#include <string>
#include <string_view>
#include <unordered_map>

namespace hongyan::smtp {

// TLS as a worker needs it: one SSL_CTX per profile (any certificate, verified, DANE), and the last
// session of each host for resumption.
//
// Owner: the worker; outlives its connections. Thread: the worker's only.
class TlsContexts {
 public:
  // An empty `ca_file`: the roots of the system. Throws at start-up when the file cannot be read.
  explicit TlsContexts(const std::string& ca_file = {});
  ~TlsContexts();
  TlsContexts(const TlsContexts&) = delete;
  TlsContexts& operator=(const TlsContexts&) = delete;

  boost::asio::ssl::context& context(TlsMode mode);
  boost::asio::ssl::context& dane_context() { return dane_; }
  // Only a chain that one of `records` matches will do (RFC 7672). Sessions are not resumed: the
  // records may have changed. False: OpenSSL is out of memory or takes none of the records.
  static bool prepare_dane(SSL* ssl, const std::string& base,
                           const std::vector<TlsaRecord>& records);
  // Sets server name, verification and the session to resume. `key` (what sessions are kept under)
  // must outlive `ssl`.
  void prepare(SSL* ssl, TlsMode mode, const std::string& host, const std::string& key);
  std::size_t sessions() const { return sessions_.size(); }

 private:
  static constexpr std::size_t kMaxSessions = 4096;
  static int keep_session(SSL* ssl, SSL_SESSION* session);
  void set_up(boost::asio::ssl::context& context, bool verified, const std::string& ca_file);
  void drop_all();

  boost::asio::ssl::context any_;
  boost::asio::ssl::context dane_;
  boost::asio::ssl::context verified_;
  std::unordered_map<std::string, SSL_SESSION*> sessions_;
};

// What is wrong with the certificate that was judged.
CertificateFault certificate_fault(SSL* ssl);
// Why a certificate was refused, or the reason of the last TLS error; for people.
std::string tls_failure(SSL* ssl, std::string_view fallback);

}  // namespace hongyan::smtp
