#include "engine/dkim/key.h"

#include "base/base64.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <new>
#include <utility>

namespace hongyan::dkim {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Context = std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)>;

std::string text_of(BIO* bio) {
  const char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::unexpected<Error> bad_key(std::string detail) {
  ERR_clear_error();
  return fail(Scope::kProcess, "bad-key", std::move(detail));
}

// Why a text that holds no readable private key holds none.
std::string what_instead(std::string_view pem) {
  const auto holds = [&](std::string_view words) { return pem.contains(words); };
  if (holds("ENCRYPTED")) return "is encrypted; a key without a passphrase is needed";
  if (holds("PUBLIC KEY-----")) return "is a public key; the private one is needed";
  if (holds("BEGIN OPENSSH PRIVATE KEY"))
    return "is in the format of OpenSSH; PEM is needed (hongyan dkim keygen makes it)";
  if (holds("BEGIN CERTIFICATE")) return "is a certificate; a private key is needed";
  if (!holds("-----BEGIN ")) return "is no PEM text";
  return "is damaged, or no private key";
}

}  // namespace

std::string_view name_of(Algorithm algorithm) {
  return algorithm == Algorithm::kRsaSha256 ? "rsa-sha256" : "ed25519-sha256";
}

Key::Key(std::shared_ptr<evp_pkey_st> key, Algorithm algorithm)
    : key_(std::move(key)), algorithm_(algorithm) {}

Result<Key> Key::parse(std::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  if (!bio) throw std::bad_alloc();
  // Without a callback OpenSSL would ask for a passphrase on the terminal.
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  std::shared_ptr<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr),
                                EVP_PKEY_free);
  if (!key) return bad_key(what_instead(pem));
  switch (EVP_PKEY_get_base_id(key.get())) {
    case EVP_PKEY_RSA:
      return Key(std::move(key), Algorithm::kRsaSha256);
    case EVP_PKEY_ED25519:
      return Key(std::move(key), Algorithm::kEd25519Sha256);
    default: {
      const char* const type = EVP_PKEY_get0_type_name(key.get());
      return bad_key("is of type " + std::string(type != nullptr ? type : "unknown") +
                     "; DKIM knows RSA and Ed25519");
    }
  }
}

Key Key::generate(Algorithm algorithm) {
  EVP_PKEY* made = algorithm == Algorithm::kRsaSha256
                       ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{kLeastRsaBits})
                       : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  if (made == nullptr) throw std::bad_alloc();
  return {std::shared_ptr<EVP_PKEY>(made, EVP_PKEY_free), algorithm};
}

int Key::bits() const {
  return EVP_PKEY_get_bits(key_.get());
}

std::size_t Key::signature_size() const {
  return static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
}

Result<std::string> Key::sign(const Digest& digest) const {
  std::string signature(signature_size(), '\0');
  std::size_t size = signature.size();
  auto* const out = reinterpret_cast<unsigned char*>(signature.data());
  bool done = false;
  if (algorithm_ == Algorithm::kRsaSha256) {
    const Context context(EVP_PKEY_CTX_new(key_.get(), nullptr), EVP_PKEY_CTX_free);
    done = context && EVP_PKEY_sign_init(context.get()) == 1 &&
           EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
           EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) == 1 &&
           EVP_PKEY_sign(context.get(), out, &size, digest.data(), digest.size()) == 1;
  } else {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          EVP_MD_CTX_free);
    done = context &&
           EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
           EVP_DigestSign(context.get(), out, &size, digest.data(), digest.size()) == 1;
  }
  if (!done) {
    ERR_clear_error();
    return fail(Scope::kProcess, "signing-failed", "OpenSSL made no signature");
  }
  signature.resize(size);
  return signature;
}

std::string Key::pem() const {
  const Bio bio(BIO_new(BIO_s_mem()), BIO_free);
  if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr,
                                            nullptr) != 1)
    throw std::bad_alloc();
  return text_of(bio.get());
}

std::string Key::record() const {
  std::string bytes;
  if (algorithm_ == Algorithm::kRsaSha256) {
    // RFC 6376 3.6.1 says RSAPublicKey, its examples and everybody else SubjectPublicKeyInfo.
    const Bio bio(BIO_new(BIO_s_mem()), BIO_free);
    if (!bio || i2d_PUBKEY_bio(bio.get(), key_.get()) != 1) throw std::bad_alloc();
    bytes = text_of(bio.get());
    return "v=DKIM1; k=rsa; p=" + encode_base64(bytes);
  }
  Digest raw;
  std::size_t size = raw.size();
  if (EVP_PKEY_get_raw_public_key(key_.get(), raw.data(), &size) != 1) throw std::bad_alloc();
  return "v=DKIM1; k=ed25519; p=" +
         encode_base64({reinterpret_cast<const char*>(raw.data()), raw.size()});
}

}  // namespace hongyan::dkim
