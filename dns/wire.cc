#include "dns/wire.h"

#include "base/text.h"

#include <algorithm>
#include <array>

namespace hongyan::dns {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kHeader = 12;
constexpr std::size_t kMaxName = 255;  // RFC 1035 2.3.4, on the wire
constexpr std::uint16_t kInternet = 1;
// RFC 2181 8: a TTL with the top bit set counts as 0.
constexpr std::uint32_t kTopBit = 0x80000000U;

std::unexpected<Error> malformed(std::string_view why) {
  return fail(Scope::kHost, "dns-malformed", "DNS answer is malformed: " + std::string(why));
}

// Walks the message; every read is checked, ok() says whether all have been inside.
class Reader {
 public:
  explicit Reader(Bytes message) : message_(message) {}

  bool ok() const { return ok_; }
  std::size_t at() const { return at_; }
  void skip_to(std::size_t at) { at <= message_.size() ? void(at_ = at) : void(ok_ = false); }
  std::uint8_t u8() {
    if (at_ >= message_.size()) return static_cast<std::uint8_t>(ok_ = false);
    return message_[at_++];
  }
  std::uint16_t u16() {
    const unsigned high = u8();
    return static_cast<std::uint16_t>(high << 8 | u8());
  }
  std::uint32_t u32() {
    const std::uint32_t high = u16();
    return high << 16 | u16();
  }

  // A possibly compressed name (RFC 1035 4.1.4) as lower-case text. A pointer must lead to before
  // the name part it stands in, so that every chain of pointers ends.
  std::string name() {
    std::string text;
    std::size_t wire_length = 1;
    std::size_t at = at_, part = at_;
    bool jumped = false;
    while (ok_) {
      if (at >= message_.size()) break;
      const std::uint8_t length = message_[at];
      if ((length & 0xC0) == 0xC0) {
        if (at + 1 >= message_.size()) break;
        const std::size_t target = static_cast<std::size_t>(length & 0x3F) << 8 | message_[at + 1];
        if (!jumped) at_ = at + 2;
        jumped = true;
        if (target >= part) break;
        at = part = target;
        continue;
      }
      if ((length & 0xC0) != 0) break;  // RFC 6891 6.1.1: extended labels are dead
      if (length == 0) {
        if (!jumped) at_ = at + 1;
        return text;
      }
      wire_length += length + 1U;
      if (wire_length > kMaxName || at + 1 + length > message_.size()) break;
      append_label(text, message_.subspan(at + 1, length));
      at += length + 1U;
    }
    ok_ = false;
    return {};
  }

 private:
  // Bytes that could be taken for the text's own punctuation are written \DDD (RFC 1035 5.1):
  // a label "a.b" must not look like two.
  static void append_label(std::string& text, Bytes label) {
    if (!text.empty()) text += '.';
    for (const std::uint8_t byte : label) {
      if (byte >= 'A' && byte <= 'Z') {
        text += static_cast<char>(byte + ('a' - 'A'));
      } else if (byte > ' ' && byte < 0x7F && byte != '.' && byte != '\\') {
        text += static_cast<char>(byte);
      } else {
        text += '\\';
        text += static_cast<char>('0' + byte / 100);
        text += static_cast<char>('0' + byte / 10 % 10);
        text += static_cast<char>('0' + byte % 10);
      }
    }
  }

  Bytes message_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

struct Record {
  std::string owner;
  std::uint16_t type = 0;
  std::uint16_t type_class = 0;
  std::uint32_t ttl = 0;
  std::size_t data = 0;  // offset and length of RDATA
  std::uint16_t length = 0;
};

Record read_record(Reader& in) {
  Record r;
  r.owner = in.name();
  r.type = in.u16();
  r.type_class = in.u16();
  r.ttl = in.u32();
  if (r.ttl & kTopBit) r.ttl = 0;
  r.length = in.u16();
  r.data = in.at();
  in.skip_to(r.data + r.length);
  return r;
}

bool is(const Record& r, Type type) {
  return r.type == static_cast<std::uint16_t>(type) && r.type_class == kInternet;
}

void lower_to(std::optional<std::uint32_t>& ttl, std::uint32_t by) {
  ttl = ttl ? std::min(*ttl, by) : by;
}

// The records of the owner that the CNAME chain ends at, into `answer`. False: RDATA is broken.
bool collect(Bytes message, std::span<const Record> records, Type type, Answer& answer) {
  for (const Record& r : records) {
    if (!is(r, type) || r.owner != answer.canonical) continue;
    if (answer.count() >= kMaxRecords) return true;
    Reader data(message.first(r.data + r.length));
    data.skip_to(r.data);
    if (type == Type::kMx) {
      MxRecord mx;
      mx.preference = data.u16();
      mx.exchange = data.name();
      if (!data.ok() || data.at() != r.data + r.length) return false;
      answer.mx.push_back(std::move(mx));
    } else if (type == Type::kSrv) {
      SrvRecord srv;
      srv.priority = data.u16();
      srv.weight = data.u16();
      srv.port = data.u16();
      srv.target = data.name();
      if (!data.ok() || data.at() != r.data + r.length) return false;
      answer.srv.push_back(std::move(srv));
    } else if (type == Type::kPtr) {
      std::string name = data.name();
      if (!data.ok() || data.at() != r.data + r.length) return false;
      answer.names.push_back(std::move(name));
    } else if (type == Type::kA) {
      if (r.length != 4) return false;
      std::array<std::uint8_t, 4> bytes{};
      std::ranges::copy(message.subspan(r.data, 4), bytes.begin());
      answer.addresses.push_back(IpAddress::v4(bytes));
    } else if (type == Type::kTlsa) {
      if (r.length < 3) return false;
      const Bytes rdata = message.subspan(r.data, r.length);
      answer.tlsa.push_back({rdata[0], rdata[1], rdata[2], {rdata.begin() + 3, rdata.end()}});
    } else if (type == Type::kTxt) {
      std::string text;
      while (data.ok() && data.at() < r.data + r.length)
        for (int rest = data.u8(); rest > 0 && data.ok(); --rest)
          text += static_cast<char>(data.u8());
      if (!data.ok() || r.length == 0) return false;
      answer.texts.push_back(std::move(text));
    } else {
      if (r.length != 16) return false;
      std::array<std::uint8_t, 16> bytes{};
      std::ranges::copy(message.subspan(r.data, 16), bytes.begin());
      answer.addresses.push_back(IpAddress::v6(bytes));
    }
    lower_to(answer.ttl, r.ttl);
  }
  return true;
}

}  // namespace

std::string_view type_name(Type type) {
  switch (type) {
    case Type::kA:
      return "A";
    case Type::kCname:
      return "CNAME";
    case Type::kSoa:
      return "SOA";
    case Type::kPtr:
      return "PTR";
    case Type::kMx:
      return "MX";
    case Type::kAaaa:
      return "AAAA";
    case Type::kSrv:
      return "SRV";
    case Type::kTxt:
      return "TXT";
    case Type::kTlsa:
      return "TLSA";
  }
  return "?";
}

Result<Answer> parse_answer(Bytes message, std::string_view question, Type type) {
  if (message.size() < kHeader) return malformed("shorter than its header");
  Reader in(message);
  in.u16();
  const std::uint16_t flags = in.u16();
  if ((flags & 0x8000) == 0) return malformed("is a question");
  if ((flags & 0x0200) != 0) return malformed("is truncated");  // even by TCP
  const std::uint16_t questions = in.u16();
  const std::uint16_t answers = in.u16();
  const std::uint16_t authorities = in.u16();
  in.u16();
  if (questions > 1) return malformed("more than one question");

  Answer answer;
  answer.rcode = static_cast<Rcode>(flags & 0x0F);
  answer.authentic = (flags & 0x0020) != 0;
  answer.canonical = ascii_lower(question);
  if (answer.canonical.ends_with('.')) answer.canonical.pop_back();
  if (questions == 1) {
    const std::string asked = in.name();
    const std::uint16_t asked_type = in.u16();
    const std::uint16_t asked_class = in.u16();
    if (!in.ok() || asked != answer.canonical || asked_type != static_cast<std::uint16_t>(type) ||
        asked_class != kInternet)
      return malformed("answers another question");
  }
  // A record takes 11 bytes or more, so the message's own length bounds this.
  std::vector<Record> records;
  for (int i = 0; i < answers && in.ok(); ++i) records.push_back(read_record(in));
  if (!in.ok()) return malformed("answer section ends early or holds a bad name");

  for (int hop = 0;; ++hop) {
    const auto alias = std::ranges::find_if(records, [&](const Record& r) {
      return is(r, Type::kCname) && r.owner == answer.canonical;
    });
    if (alias == records.end()) break;
    if (hop == kMaxChain) return malformed("CNAME chain without an end");
    Reader data(message.first(alias->data + alias->length));
    data.skip_to(alias->data);
    std::string target = data.name();
    if (!data.ok() || data.at() != alias->data + alias->length) return malformed("bad CNAME");
    answer.canonical = std::move(target);
    lower_to(answer.ttl, alias->ttl);
  }
  if (!collect(message, records, type, answer)) return malformed("record data of a wrong length");
  if (answer.has_records()) return answer;

  std::optional<std::uint32_t> negative;
  for (int i = 0; i < authorities && in.ok(); ++i) {
    const Record r = read_record(in);
    if (!in.ok() || !is(r, Type::kSoa)) continue;
    Reader data(message.first(r.data + r.length));
    data.skip_to(r.data);
    data.name();
    data.name();
    for (int field = 0; field < 4; ++field) data.u32();  // serial, refresh, retry, expire
    const std::uint32_t minimum = data.u32();
    if (!data.ok()) return malformed("bad SOA");
    negative = std::min(r.ttl, (minimum & kTopBit) ? 0U : minimum);
    break;
  }
  if (!in.ok()) return malformed("authority section ends early or holds a bad name");
  if (negative)
    lower_to(answer.ttl, *negative);
  else
    answer.ttl.reset();
  return answer;
}

std::string reverse_name(const IpAddress& address) {
  std::string name;
  const auto bytes = address.bytes();
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
    if (address.is_v4()) {
      name += std::to_string(*byte) + '.';
    } else {
      for (const int nibble : {*byte & 15, *byte >> 4}) {
        name += "0123456789abcdef"[nibble];
        name += '.';
      }
    }
  }
  return name + (address.is_v4() ? "in-addr.arpa" : "ip6.arpa");
}

std::optional<std::string> normalise_name(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty() || name.size() > 253) return std::nullopt;
  std::string out = ascii_lower(name);
  for (const std::string_view label : split(out, '.')) {
    if (label.empty() || label.size() > 63) return std::nullopt;
    for (const char c : label)
      if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
        return std::nullopt;
  }
  return out;
}

}  // namespace hongyan::dns
