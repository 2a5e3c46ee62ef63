#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "engine/dkim/canonical.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_pkey_st;

namespace hongyan::dkim {

enum class Algorithm : unsigned char {
  kRsaSha256,      // RFC 6376
  kEd25519Sha256,  // RFC 8463
};
std::string_view name_of(Algorithm algorithm);  // as in a=

// A private key. Immutable and cheap to copy; sign() may be called from any number of threads.
class Key {
 public:
  // PKCS #8 or PKCS #1, of any size. Errors (scope process): "bad-key" with a sentence that says
  // what the text is instead: encrypted, public, of another type.
  static Result<Key> parse(std::string_view pem);
  static Key generate(Algorithm algorithm);  // RSA of 2048 bits

  Algorithm algorithm() const { return algorithm_; }
  int bits() const;
  // RSA: PKCS #1 1.5 over the digest; Ed25519: PureEdDSA over it (RFC 8463 3). The same digest
  // gives the same signature.
  Result<std::string> sign(const Digest& digest) const;
  std::size_t signature_size() const;

  std::string pem() const;  // PKCS #8
  // The TXT record's text: "v=DKIM1; k=rsa; p=...".
  std::string record() const;

 private:
  Key(std::shared_ptr<evp_pkey_st> key, Algorithm algorithm);

  std::shared_ptr<evp_pkey_st> key_;
  Algorithm algorithm_;
};

inline constexpr int kLeastRsaBits = 2048;
inline constexpr int kMostRsaBits = 4096;  // verifiers need not know more (RFC 8301 3.2)

// Reads a key for signing mail. Errors: "bad-key", also for RSA keys that are too short or too
// long and for files that others may read or write.
Result<Key> load_key(const std::filesystem::path& path);

// Writes a key with mode 0600, and before it (RFC 7468 5.2 allows text there) when it was made.
// Errors: "key-exists", "bad-key" when it cannot be written.
Result<void> save_key(const Key& key, const std::filesystem::path& path, WallTime made);
// What save_key() wrote about it; of other files the time of their last change, which in a
// container may be that of the mount.
Result<WallTime> key_made_at(const std::filesystem::path& path);

// Where the record stands: "s._domainkey.d".
std::string record_name(std::string_view selector, std::string_view domain);
// It as a line of a zone file, in strings of at most 255 bytes (RFC 1035 3.3.14).
std::string zone_line(std::string_view name, std::string_view record);

}  // namespace hongyan::dkim
