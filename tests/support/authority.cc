#include "tests/support/authority.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <stdexcept>

namespace hongyan::test {
namespace {

using namespace std::chrono_literals;

void must(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("OpenSSL cannot ") + what);
}

std::shared_ptr<EVP_PKEY> make_key() {
  return {EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), &EVP_PKEY_free};
}

using File = std::unique_ptr<FILE, int (*)(FILE*)>;
File open_file(const std::filesystem::path& path) {
  File file(std::fopen(path.c_str(), "w"), &std::fclose);
  must(file != nullptr, "write a file");
  return file;
}

void set_name(X509_NAME* name, const std::string& common) {
  const auto* text = reinterpret_cast<const unsigned char*>(common.c_str());
  must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0) == 1, "name");
}

void extend(X509* certificate, X509* issuer, int what, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> made(
      X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str()), &X509_EXTENSION_free);
  must(made != nullptr && X509_add_ext(certificate, made.get(), -1) == 1, "extend");
}

X509* make(const std::string& common, std::chrono::hours until, EVP_PKEY* key) {
  X509* made = X509_new();
  long serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial - 1);
  X509_set_version(made, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made), serial);
  const std::chrono::hours from = (until < 0h ? until : 0h) - 7 * 24h;
  X509_gmtime_adj(X509_getm_notBefore(made), std::chrono::seconds(from).count());
  X509_gmtime_adj(X509_getm_notAfter(made), std::chrono::seconds(until).count());
  set_name(X509_get_subject_name(made), common);
  X509_set_pubkey(made, key);
  return made;
}

}  // namespace

Authority::Authority() : key_(make_key()), root_(make("test root", 48h, key_.get()), &X509_free) {
  X509_set_issuer_name(root_.get(), X509_get_subject_name(root_.get()));
  extend(root_.get(), root_.get(), NID_basic_constraints, "critical,CA:TRUE");
  must(X509_sign(root_.get(), key_.get(), EVP_sha256()) > 0, "sign");
}
Authority::~Authority() = default;

void Authority::write_root(const std::filesystem::path& file) const {
  must(PEM_write_X509(open_file(file).get(), root_.get()) == 1, "write the root");
}

void Authority::issue(const std::filesystem::path& folder, const std::string& name,
                      const std::string& dns, std::chrono::hours until) const {
  const std::shared_ptr<EVP_PKEY> key = make_key();
  const std::shared_ptr<X509> made(make(dns, until, key.get()), &X509_free);
  X509_set_issuer_name(made.get(), X509_get_subject_name(root_.get()));
  extend(made.get(), root_.get(), NID_subject_alt_name, "DNS:" + dns);
  must(X509_sign(made.get(), key_.get(), EVP_sha256()) > 0, "sign");
  must(PEM_write_X509(open_file(folder / (name + ".pem")).get(), made.get()) == 1, "write");
  must(PEM_write_PrivateKey(open_file(folder / (name + ".key")).get(), key.get(), nullptr, nullptr,
                            0, nullptr, nullptr) == 1,
       "write a key");
}

}  // namespace hongyan::test
