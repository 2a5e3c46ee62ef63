#pragma once

#include "base/error.h"
#include "base/network.h"
#include "base/tlsa.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::dns {

// RFC 1035 3.2.2; only what is asked for here.
enum class Type : std::uint16_t {
  kA = 1,
  kCname = 5,
  kSoa = 6,
  kPtr = 12,
  kMx = 15,
  kTxt = 16,
  kAaaa = 28,
  kSrv = 33,
  kTlsa = 52
};
std::string_view type_name(Type type);

// RFC 1035 4.1.1; other values are kept as they came.
enum class Rcode : std::uint8_t {
  kNoError = 0,
  kFormErr = 1,
  kServFail = 2,
  kNxDomain = 3,
  kRefused = 5
};

struct MxRecord {
  std::uint16_t preference = 0;
  std::string exchange;  // lower case, no final dot; "" is the root (RFC 7505)
  friend auto operator<=>(const MxRecord&, const MxRecord&) = default;
};

// RFC 2782: where a service of a domain is. Lower priority first; of equal ones more weight is
// asked more often. Target "": the service is decidedly not there.
struct SrvRecord {
  std::uint16_t priority = 0;
  std::uint16_t weight = 0;
  std::uint16_t port = 0;
  std::string target;  // lower case, no final dot
  friend auto operator<=>(const SrvRecord&, const SrvRecord&) = default;
};

// What one answer says about one question.
struct Answer {
  Rcode rcode = Rcode::kNoError;
  std::string canonical;             // the name that owns the records: the end of the CNAME chain
  std::vector<MxRecord> mx;          // of an MX question
  std::vector<SrvRecord> srv;        // of an SRV question
  std::vector<IpAddress> addresses;  // of an A or AAAA question
  std::vector<TlsaRecord> tlsa;      // of a TLSA question
  std::vector<std::string> texts;    // of a TXT question; the strings of a record joined
  std::vector<std::string> names;    // of a PTR question; lower case, no final dot
  // The AD bit: the server says that it validated the answer (RFC 4035 3.2.3). Worth something only
  // when the server and the way to it are trusted.
  bool authentic = false;
  // Seconds. With records: the least TTL of them and of the chain. Without: the least of the
  // chain's, the SOA's TTL and its MINIMUM (RFC 2308 5); absent when no SOA came.
  std::optional<std::uint32_t> ttl;

  bool has_records() const { return count() > 0; }
  std::size_t count() const {
    return mx.size() + srv.size() + addresses.size() + tlsa.size() + texts.size() + names.size();
  }
};

// Records beyond this many of one set are not looked at: a hostile zone cannot make an engine try
// hosts for hours.
inline constexpr std::size_t kMaxRecords = 64;
inline constexpr int kMaxChain = 12;

// Reads a response to `question` (A-labels, any case, no final dot needed). Records of other owners
// are ignored, so an answer cannot speak for names that were not asked.
// Errors: "dns-malformed" for everything that breaks RFC 1035; a rcode is no error.
Result<Answer> parse_answer(std::span<const std::uint8_t> message, std::string_view question,
                            Type type);

// Lower case without a final dot, when it is a name that can be asked for and be a host: 1-253
// bytes, labels of 1-63 letters, digits, hyphens, underscores. Anything else: null.
std::optional<std::string> normalise_name(std::string_view name);

// Where the name of an address stands: "1.2.0.192.in-addr.arpa", nibbles below ip6.arpa (RFC 1035
// 3.5, RFC 3596 2.5).
std::string reverse_name(const IpAddress& address);

}  // namespace hongyan::dns
