#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan {

enum class Encoding : unsigned char { kUtf8, kUtf16Le, kUtf16Be, kGb18030 };

// "utf-8", "utf-16le", "utf-16be", "gb18030" and their usual aliases (gbk, gb2312), any case.
std::optional<Encoding> parse_encoding(std::string_view name);
std::string_view to_string(Encoding encoding);

// Bytes of a list to UTF-8, chunk by chunk, memory bounded by kWindow.
//
// A byte order mark decides, or zero bytes in every other place (UTF-16 without a mark). Otherwise
// ASCII passes and the 64 KiB from the first other byte on decide: valid UTF-8 is UTF-8, else
// GB18030. After that the decision stands; a byte that does not fit becomes 0xFF, which is never
// UTF-8, so that the row it is in, and no other, is refused. (GB18030 whose first 64 KiB of text
// happen to be UTF-8 needs the explicit encoding: with more than a few characters that does not
// happen.)
class Decoder {
 public:
  static constexpr std::size_t kWindow = 64 * 1024;

  explicit Decoder(std::optional<Encoding> forced = std::nullopt);
  ~Decoder();
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;

  // Appends what can be told by now to `out`.
  void feed(std::string_view bytes, std::string& out);
  // The input is over.
  void finish(std::string& out);

  // What was found, or nothing while only ASCII was seen.
  std::optional<Encoding> encoding() const { return encoding_; }

 private:
  struct Converter;

  void drain(bool last, std::string& out);
  void decide(bool last, std::string& out);
  void decode(bool last, std::string& out);
  void convert(bool last, std::string& out);

  std::optional<Encoding> encoding_;
  bool forced_;
  bool started_ = false;  // marks and zero bytes have been looked for
  std::string pending_;
  std::unique_ptr<Converter> converter_;
};

}  // namespace hongyan
