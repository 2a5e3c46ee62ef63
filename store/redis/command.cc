#include "store/redis/command.h"

#include <array>
#include <charconv>

namespace hongyan::redis {
namespace {

// "<mark><number>\r\n" in one append.
void append_header(std::string& out, char mark, std::size_t number) {
  std::array<char, 24> buffer;
  buffer[0] = mark;
  char* end = std::to_chars(buffer.data() + 1, buffer.data() + 22, number).ptr;
  *end++ = '\r';
  *end++ = '\n';
  out.append(buffer.data(), end);
}

}  // namespace

void Command::append(std::string_view bytes) {
  append_header(body_, '$', bytes.size());
  body_.append(bytes);
  body_.append("\r\n", 2);
  ++count_;
}

void Command::append_number(long long number) {
  std::array<char, 24> buffer;
  const char* end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  append({buffer.data(), static_cast<std::size_t>(end - buffer.data())});
}

std::string_view Command::name() const {
  const std::string_view body = body_;
  const std::size_t start = body.find('\n') + 1;
  return body.substr(start, body.find('\r', start) - start);
}

void Command::write_to(std::string& out) const {
  append_header(out, '*', count_);
  out.append(body_);
}

std::string Command::serialise() const {
  std::string out;
  out.reserve(body_.size() + 16);
  write_to(out);
  return out;
}

}  // namespace hongyan::redis
