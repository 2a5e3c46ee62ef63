#include "engine/smtp/proxy_header.h"

#include <string_view>

namespace hongyan::smtp {
namespace {

constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr char kVersion2Proxy = 0x21;
constexpr char kTcpOverIpv4 = 0x11;
constexpr char kTcpOverIpv6 = 0x21;

void append_number(std::string& to, std::size_t number) {
  to += static_cast<char>(number >> 8U & 0xffU);
  to += static_cast<char>(number & 0xffU);
}

void append_address(std::string& to, const IpAddress& address) {
  for (const std::uint8_t byte : address.bytes()) to += static_cast<char>(byte);
}

}  // namespace

std::string proxy_header(const IpAddress& source, const IpAddress& destination,
                         std::uint16_t port) {
  if (source.is_v4() != destination.is_v4()) return {};
  std::string header(kSignature);
  header += kVersion2Proxy;
  header += source.is_v4() ? kTcpOverIpv4 : kTcpOverIpv6;
  append_number(header, 2 * source.bytes().size() + 2 * sizeof(port));
  append_address(header, source);
  append_address(header, destination);
  append_number(header, 0);
  append_number(header, port);
  return header;
}

}  // namespace hongyan::smtp
