#include "sink/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

namespace hongyan::sink {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Cert = std::unique_ptr<X509, Deleter<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Deleter<X509_EXTENSION_free>>;

std::string text_of(const Bio& bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

bool extend(X509* cert, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, cert, cert, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(cert, extension.get(), -1) == 1;
}

}  // namespace

Result<Certificate> make_certificate(const std::string& host) {
  constexpr long kDay = 24L * 60 * 60;
  const Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  const Cert cert(X509_new());
  bool good = key && cert && X509_set_version(cert.get(), X509_VERSION_3) == 1 &&
              ASN1_INTEGER_set(X509_get_serialNumber(cert.get()), 1) == 1 &&
              X509_gmtime_adj(X509_getm_notBefore(cert.get()), -kDay) != nullptr &&
              X509_gmtime_adj(X509_getm_notAfter(cert.get()), 3650 * kDay) != nullptr &&
              X509_set_pubkey(cert.get(), key.get()) == 1;
  if (good) {
    X509_NAME* name = X509_get_subject_name(cert.get());
    const auto* bytes = reinterpret_cast<const unsigned char*>(host.c_str());
    good =
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, bytes, -1, -1, 0) == 1 &&
        X509_set_issuer_name(cert.get(), name) == 1 &&
        extend(cert.get(), NID_basic_constraints, "critical,CA:TRUE") &&
        extend(cert.get(), NID_subject_alt_name, "DNS:" + host + ",DNS:localhost,IP:127.0.0.1") &&
        X509_sign(cert.get(), key.get(), EVP_sha256()) != 0;
  }
  const Bio chain(BIO_new(BIO_s_mem()));
  const Bio secret(BIO_new(BIO_s_mem()));
  good =
      good && PEM_write_bio_X509(chain.get(), cert.get()) == 1 &&
      PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
  if (!good) return fail(Scope::kProcess, "certificate-not-made", "OpenSSL refused for " + host);
  return Certificate{text_of(chain), text_of(secret)};
}

}  // namespace hongyan::sink
