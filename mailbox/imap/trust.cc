#include "mailbox/imap/trust.h"

#include "base/text.h"

#include <boost/asio/ip/address.hpp>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace hongyan::imap {
namespace {

namespace ssl = boost::asio::ssl;

constexpr int kMostNames = 5;

int fault_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

std::string text_of(const ASN1_STRING* value) {
  const unsigned char* bytes = ASN1_STRING_get0_data(value);
  const auto size = static_cast<std::size_t>(ASN1_STRING_length(value));
  return {reinterpret_cast<const char*>(bytes), size};
}

// "imap.a.example, *.b.example", of the many some.
std::string names_of(X509* certificate) {
  using Names = std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)>;
  const Names names(static_cast<GENERAL_NAMES*>(
                        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
                    &GENERAL_NAMES_free);
  std::string out;
  const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
  int shown = 0;
  for (int i = 0; i < count && shown < kMostNames; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS) continue;
    out.append(shown++ == 0 ? "" : ", ").append(text_of(name->d.dNSName));
  }
  if (shown == kMostNames && count > kMostNames) out += ", ...";
  return out;
}

std::string time_of(const ASN1_TIME* time) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), &BIO_free);
  if (time == nullptr || ASN1_TIME_print(memory.get(), time) != 1) return "an unknown day";
  char* bytes = nullptr;
  const auto size = static_cast<std::size_t>(BIO_get_mem_data(memory.get(), &bytes));
  return {bytes, size};
}

std::string issuer_of(X509* certificate) {
  char text[256];
  X509_NAME_oneline(X509_get_issuer_name(certificate), text, sizeof text);
  return text;
}

// The reason in OpenSSL's words, and what the certificate says in its own.
std::string describe(X509_STORE_CTX* store) {
  const int error = X509_STORE_CTX_get_error(store);
  std::string out = X509_verify_cert_error_string(error);
  X509* certificate = X509_STORE_CTX_get_current_cert(store);
  if (certificate == nullptr) return out;
  if (error == X509_V_ERR_CERT_HAS_EXPIRED) {
    out.append("; it ended on ").append(time_of(X509_get0_notAfter(certificate)));
  } else if (error == X509_V_ERR_CERT_NOT_YET_VALID) {
    out.append("; it begins on ").append(time_of(X509_get0_notBefore(certificate)));
  } else if (error == X509_V_ERR_HOSTNAME_MISMATCH || error == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    const std::string names = names_of(certificate);
    out.append("; it is for ").append(names.empty() ? "no name at all" : names);
  } else {
    out.append("; it was issued by ").append(issuer_of(certificate));
  }
  return escape_control(out);
}

int note_fault(int good, X509_STORE_CTX* store) {
  if (good == 1) return 1;
  const auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* fault = static_cast<std::string*>(SSL_get_ex_data(ssl, fault_index()));
  if (fault != nullptr && fault->empty()) *fault = describe(store);
  return 0;
}

bool is_address(const std::string& host) {
  boost::system::error_code ec;
  boost::asio::ip::make_address(host, ec);
  return !ec;
}

}  // namespace

Trust::Trust(const std::string& ca_file) : context_(ssl::context::tls_client) {
  SSL_CTX* native = context_.native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);  // RFC 8996
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
  if (ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(native);
  } else if (SSL_CTX_load_verify_locations(native, ca_file.c_str(), nullptr) != 1) {
    throw std::runtime_error("cannot read certificates from " + ca_file);
  }
}

void Trust::prepare(SSL* ssl, const std::string& host, std::string& fault) {
  fault.clear();
  SSL_set_ex_data(ssl, fault_index(), &fault);
  SSL_set_verify(ssl, SSL_VERIFY_PEER, &note_fault);
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_address(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl, host.c_str());
    SSL_set1_host(ssl, host.c_str());
  }
}

}  // namespace hongyan::imap
