#include "engine/job/canonical.h"

#include "base/json_scan.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace hongyan::job {
namespace {

// UTF-16 order differs from byte order only where a key beyond the basic plane (first unit
// D800..DBFF) meets one in E000..FFFF: there the longer UTF-8 sequence comes first.
bool utf16_less(std::string_view a, std::string_view b) {
  const auto [x, y] = std::ranges::mismatch(a, b);
  if (x == a.end() || y == b.end()) return x == a.end() && y != b.end();
  const auto p = static_cast<unsigned char>(*x);
  const auto q = static_cast<unsigned char>(*y);
  const bool p_beyond = p >= 0xF0;
  const bool q_beyond = q >= 0xF0;
  if (p_beyond != q_beyond && p >= 0xEE && q >= 0xEE) return p_beyond;
  return p < q;
}

bool append(std::string& out, const Json& value) {
  switch (value.kind()) {
    case Json::Kind::kNumber: {
      const double number = value.as_double();
      if (!std::isfinite(number)) return false;
      out += ecmascript_number(number);
      return true;
    }
    case Json::Kind::kArray: {
      out += '[';
      for (const Json& item : value.items()) {
        if (&item != &value.items().front()) out += ',';
        if (!append(out, item)) return false;
      }
      out += ']';
      return true;
    }
    case Json::Kind::kObject: {
      std::vector<const Json::Member*> members;
      for (const auto& member : value.members()) members.push_back(&member);
      std::ranges::sort(members, utf16_less, [](const auto* m) { return m->first; });
      out += '{';
      for (const auto* member : members) {
        if (member != members.front()) out += ',';
        append_json_string(out, member->first);
        out += ':';
        if (!append(out, member->second)) return false;
      }
      out += '}';
      return true;
    }
    default:
      append_json(out, value);
      return true;
  }
}

}  // namespace

std::string ecmascript_number(double value) {
  if (value == 0) return "0";
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(value),
                                 std::chars_format::scientific)
                       .ptr;
  // d.ddde±xx, the shortest digits that read back as the same double.
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const auto e = text.find('e');
  int exponent = 0;
  const char* digits_of_exponent = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(digits_of_exponent, end, exponent);
  std::string digits;
  for (const char c : text.substr(0, e))
    if (c != '.') digits += c;

  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1;  // the decimal point stands after so many digits
  const std::string sign = value < 0 ? "-" : "";
  if (point > 21 || point < -5) {
    const std::string power = (exponent < 0 ? "e-" : "e+") + std::to_string(std::abs(exponent));
    return sign + digits.substr(0, 1) + (count > 1 ? "." + digits.substr(1) : "") + power;
  }
  if (point <= 0) return sign + "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  const auto whole = static_cast<std::size_t>(point);
  if (point >= count) return sign + digits + std::string(whole - digits.size(), '0');
  return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

std::expected<std::string, Fault> canonical_json(const Json& value) {
  std::string out;
  if (append(out, value)) return out;
  return std::unexpected(Fault{"document", "has a number too large for a double", {}});
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, 32> digest{};
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL has no SHA-256");
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : digest) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

}  // namespace hongyan::job
