#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace hongyan::redis {

// A command and its arguments, serialised to RESP as they are added; arguments are bytes.
//   Command("FCALL").arg("hongyan1_mark").arg(1).arg(key).arg(mask)
class Command {
 public:
  explicit Command(std::string_view name) { append(name); }

  Command& arg(std::string_view bytes) & {
    append(bytes);
    return *this;
  }
  Command& arg(std::integral auto number) & {
    append_number(static_cast<long long>(number));
    return *this;
  }
  Command&& arg(std::string_view bytes) && { return std::move(arg(bytes)); }
  Command&& arg(std::integral auto number) && { return std::move(arg(number)); }
  // For large arguments: room for that many further bytes, framing included (some 16 per argument).
  Command& reserve(std::size_t bytes) & {
    body_.reserve(body_.size() + bytes);
    return *this;
  }
  Command&& reserve(std::size_t bytes) && { return std::move(reserve(bytes)); }

  std::size_t args() const { return count_; }
  std::size_t bytes() const { return body_.size(); }
  std::string_view name() const;

  void write_to(std::string& out) const;
  std::string serialise() const;

 private:
  void append(std::string_view bytes);
  void append_number(long long number);

  // Without the "*count\r\n" in front, which is known only at the end.
  std::string body_;
  std::size_t count_ = 0;
};

}  // namespace hongyan::redis
