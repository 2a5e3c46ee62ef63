#include "store/redis/reply.h"

#include <charconv>
#include <utility>

namespace hongyan::redis {

std::string_view Reply::error_code() const {
  if (!is_error()) return {};
  return text().substr(0, text().find(' '));
}

std::int64_t Reply::integer() const {
  if (const auto* number = std::get_if<std::int64_t>(&value_)) return *number;
  std::int64_t number = 0;
  const std::string_view digits = text();
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return ec == std::errc{} && end == digits.data() + digits.size() ? number : 0;
}

std::string_view Reply::text() const {
  const auto* bytes = std::get_if<std::string>(&value_);
  return bytes == nullptr ? std::string_view{} : std::string_view(*bytes);
}

std::span<const Reply> Reply::array() const {
  const auto* elements = std::get_if<Array>(&value_);
  return elements == nullptr ? std::span<const Reply>{} : std::span<const Reply>(*elements);
}

std::string Reply::take_text() {
  auto* bytes = std::get_if<std::string>(&value_);
  return bytes == nullptr ? std::string{} : std::exchange(*bytes, {});
}

Reply::Array Reply::take_array() {
  auto* elements = std::get_if<Array>(&value_);
  return elements == nullptr ? Array{} : std::exchange(*elements, {});
}

const Reply& Reply::operator[](std::size_t index) const {
  static const Reply nil;
  const auto elements = array();
  return index < elements.size() ? elements[index] : nil;
}

const Reply* Reply::find(std::string_view key) const {
  const auto elements = array();
  for (std::size_t i = 0; i + 1 < elements.size(); i += 2)
    if (elements[i].text() == key) return &elements[i + 1];
  return nullptr;
}

}  // namespace hongyan::redis
