#include "mailbox/vault/sealed_secret.h"

#include "mailbox/vault/record.h"
#include "mailbox/vault/text_form.h"

namespace hongyan::vault {
namespace {

constexpr std::size_t kMostText = 2 * kMostSecretBytes;

std::string aad_of(const Mailbox& mailbox) {
  std::string aad(mailbox.tenant);
  aad += '\0';
  return aad.append(mailbox.address);
}

}  // namespace

Result<std::string> parse_public_key(std::string_view text) {
  auto key = from_text(text);
  if (!key || key->size() != kPublicKeySize)
    return fail(Scope::kProcess, "vault-public-key",
                "is no public key of a vault: 32 bytes in base64url are wanted, as `hongyan vault "
                "public-key` prints them");
  return std::move(*key);
}

Result<std::string> seal_secret(std::string_view public_key, const Mailbox& mailbox,
                                const Secret& secret) {
  if (secret.size() > kMostSecretBytes)
    return fail(Scope::kDelivery, "vault-too-large",
                "is larger than " + std::to_string(kMostSecretBytes) + " bytes");
  const auto sealed = hpke_seal(public_key, kTransportInfo, aad_of(mailbox), secret.reveal());
  if (!sealed)
    return fail(Scope::kProcess, "vault-public-key", "is no public key that may be sealed to");
  return to_text(*sealed);
}

Result<Secret> open_secret(const KeyRing& keys, const Mailbox& mailbox, std::string_view text) {
  const auto sealed = text.size() > kMostText ? std::nullopt : from_text(text);
  if (!sealed || sealed->size() < kPublicKeySize + kTagSize)
    return fail(Scope::kDelivery, "vault-malformed",
                "is no sealed secret, or one that was cut off; `hongyan vault seal` makes them");
  const std::string aad = aad_of(mailbox);
  if (auto secret = hpke_open(keys.current.pair(), kTransportInfo, aad, *sealed))
    return std::move(*secret);
  for (const MasterKey& key : keys.previous)
    if (auto secret = hpke_open(key.pair(), kTransportInfo, aad, *sealed))
      return std::move(*secret);
  return fail(Scope::kDelivery, "vault-refused",
              "does not open: it was sealed to another public key, for another tenant or address, "
              "or was altered");
}

}  // namespace hongyan::vault
