#pragma once

#include "base/tlsa.h"
#include "dns/wire.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::dns {

// What the DNS, validated, demands of TLS with one host (RFC 7672 2.2). The records are compared
// with the server's chain by OpenSSL (engine/smtp/tls).
struct Dane {
  enum class Demand : std::uint8_t {
    kNothing,        // no TLSA records, or not in a signed zone
    kEncryption,     // records, none of which is usable: TLS, any certificate
    kAuthentication  // a chain that one of `records` matches, and nothing else
  };
  Demand demand = Demand::kNothing;
  std::vector<TlsaRecord> records;  // usable ones only
  std::string base;                 // the name they were found under
};

// Usages 2 and 3 only (RFC 7672 3.1.3), a known selector and matching type, a digest of its length.
bool is_usable(const TlsaRecord& record);

// "_25._tcp.mx.example".
std::string tlsa_name(std::string_view host, std::uint16_t port);

// What the answer to the TLSA question means. Errors, temporary: "tlsa-unresolved" when there is no
// usable answer: the host must be skipped then, or an attacker who suppresses the answer would
// get the mail in clear (RFC 7672 2.1.2).
Result<Dane> read_dane(const Result<Answer>& answer, std::string_view base);

}  // namespace hongyan::dns
