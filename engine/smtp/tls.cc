#include "engine/smtp/tls.h"

#include <boost/asio/ip/address.hpp>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace hongyan::smtp {
namespace {

namespace ssl = boost::asio::ssl;

int contexts_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}
int key_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

bool is_address(const std::string& host) {
  boost::system::error_code ec;
  boost::asio::ip::make_address(host, ec);
  return !ec;
}

}  // namespace

TlsContexts::TlsContexts(const std::string& ca_file)
    : any_(ssl::context::tls_client),
      dane_(ssl::context::tls_client),
      verified_(ssl::context::tls_client) {
  set_up(any_, false, ca_file);
  SSL_CTX* dane = dane_.native_handle();
  SSL_CTX_set_min_proto_version(dane, TLS1_2_VERSION);
  SSL_CTX_set_verify(dane, SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_dane_enable(dane) != 1) throw std::runtime_error("OpenSSL cannot do DANE");
  set_up(verified_, true, ca_file);
}

TlsContexts::~TlsContexts() {
  drop_all();
}

void TlsContexts::set_up(ssl::context& context, bool verified, const std::string& ca_file) {
  SSL_CTX* native = context.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);  // RFC 8996
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_sess_set_new_cb(native, &TlsContexts::keep_session);
  if (!verified) {
    SSL_CTX_set_verify(native, SSL_VERIFY_NONE, nullptr);
    return;
  }
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
  if (ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(native);
  } else if (SSL_CTX_load_verify_locations(native, ca_file.c_str(), nullptr) != 1) {
    throw std::runtime_error("cannot read certificates from " + ca_file);
  }
}

ssl::context& TlsContexts::context(TlsMode mode) {
  return mode == TlsMode::kVerified ? verified_ : any_;
}

void TlsContexts::prepare(SSL* ssl, TlsMode mode, const std::string& host, const std::string& key) {
  SSL_set_ex_data(ssl, contexts_index(), this);
  SSL_set_ex_data(ssl, key_index(), const_cast<std::string*>(&key));
  const bool literal = is_address(host);
  if (!literal && !host.empty()) SSL_set_tlsext_host_name(ssl, host.c_str());
  if (mode == TlsMode::kVerified) {
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (literal) {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
    } else {
      SSL_set1_host(ssl, host.c_str());
    }
  }
  if (const auto kept = sessions_.find(key); kept != sessions_.end())
    SSL_set_session(ssl, kept->second);
}

bool TlsContexts::prepare_dane(SSL* ssl, const std::string& base,
                               const std::vector<TlsaRecord>& records) {
  if (SSL_dane_enable(ssl, base.c_str()) != 1) return false;
  // RFC 7672 3.1.1: a key that is pinned needs no name and never expires.
  SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  bool any = false;
  for (const TlsaRecord& r : records)
    any |=
        SSL_dane_tlsa_add(ssl, r.usage, r.selector, r.matching, r.data.data(), r.data.size()) == 1;
  return any;
}

int TlsContexts::keep_session(SSL* ssl, SSL_SESSION* session) {
  auto* self = static_cast<TlsContexts*>(SSL_get_ex_data(ssl, contexts_index()));
  const auto* key = static_cast<const std::string*>(SSL_get_ex_data(ssl, key_index()));
  if (self == nullptr || key == nullptr) return 0;
  // Losing all of them costs a full handshake per host, once in thousands of hosts.
  if (self->sessions_.size() >= kMaxSessions && !self->sessions_.contains(*key)) self->drop_all();
  SSL_SESSION*& kept = self->sessions_[*key];
  if (kept != nullptr) SSL_SESSION_free(kept);
  kept = session;
  return 1;  // the reference is ours now
}

void TlsContexts::drop_all() {
  for (const auto& [key, session] : sessions_) SSL_SESSION_free(session);
  sessions_.clear();
}

CertificateFault certificate_fault(SSL* ssl) {
  switch (SSL_get_verify_result(ssl)) {
    case X509_V_OK:
      return CertificateFault::kNone;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return CertificateFault::kName;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return CertificateFault::kExpired;
    case X509_V_ERR_DANE_NO_MATCH:
      return CertificateFault::kTlsa;
    default:
      return CertificateFault::kUntrusted;
  }
}

std::string tls_failure(SSL* ssl, std::string_view fallback) {
  const long verdict = SSL_get_verify_result(ssl);
  if (verdict != X509_V_OK) return X509_verify_cert_error_string(verdict);
  return std::string(fallback);
}

}  // namespace hongyan::smtp
