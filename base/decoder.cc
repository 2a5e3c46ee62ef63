#include "base/decoder.h"

#include "base/text.h"
#include "base/utf8.h"

#include <algorithm>
#include <cerrno>
#include <iconv.h>
#include <stdexcept>
#include <utility>

namespace hongyan {
namespace {

// Enough of the front to tell UTF-16 by its zero bytes.
constexpr std::size_t kHead = 1024;
constexpr char kBadByte = '\xFF';

const char* iconv_name(Encoding encoding) {
  switch (encoding) {
    case Encoding::kUtf16Le:
      return "UTF-16LE";
    case Encoding::kUtf16Be:
      return "UTF-16BE";
    case Encoding::kGb18030:
      return "GB18030";
    case Encoding::kUtf8:
      break;
  }
  return "UTF-8";
}

struct Mark {
  std::string_view bytes;
  Encoding encoding;
};
constexpr Mark kMarks[] = {{"\xEF\xBB\xBF", Encoding::kUtf8},
                           {"\xFF\xFE", Encoding::kUtf16Le},
                           {"\xFE\xFF", Encoding::kUtf16Be},
                           {"\x84\x31\x95\x33", Encoding::kGb18030}};

// A list has ASCII in it (commas, addresses): its UTF-16 has zero bytes on one side only. No other
// encoding of a list has any.
std::optional<Encoding> utf16_by_zeros(std::string_view head) {
  std::size_t zeros[2] = {0, 0};
  for (std::size_t i = 0; i < head.size(); ++i) zeros[i % 2] += head[i] == '\0';
  const std::size_t enough = std::max<std::size_t>(1, head.size() / 8);
  if (zeros[1] >= enough && zeros[0] * 8 <= zeros[1]) return Encoding::kUtf16Le;
  if (zeros[0] >= enough && zeros[1] * 8 <= zeros[0]) return Encoding::kUtf16Be;
  return std::nullopt;
}

}  // namespace

struct Decoder::Converter {
  explicit Converter(Encoding encoding)
      : handle(iconv_open("UTF-8", iconv_name(encoding))),
        unit(encoding == Encoding::kGb18030 ? 1 : 2) {
    // NOLINTNEXTLINE: the value iconv documents
    if (handle == reinterpret_cast<iconv_t>(-1))
      throw std::runtime_error(std::string("the C library cannot convert ") + iconv_name(encoding));
  }
  ~Converter() { iconv_close(handle); }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  iconv_t handle;
  std::size_t unit;  // bytes to skip when one character is bad
};

std::optional<Encoding> parse_encoding(std::string_view name) {
  std::string plain;
  for (const char c : ascii_lower(name))
    if (c != '-' && c != '_' && c != ' ') plain += c;
  for (const std::string_view alias : {"utf8", "utf8bom", "ascii"})
    if (plain == alias) return Encoding::kUtf8;
  for (const std::string_view alias : {"utf16", "utf16le", "unicode"})
    if (plain == alias) return Encoding::kUtf16Le;
  if (plain == "utf16be") return Encoding::kUtf16Be;
  for (const std::string_view alias : {"gb18030", "gbk", "gb2312", "cp936", "ansi"})
    if (plain == alias) return Encoding::kGb18030;
  return std::nullopt;
}

std::string_view to_string(Encoding encoding) {
  switch (encoding) {
    case Encoding::kUtf8:
      return "utf-8";
    case Encoding::kUtf16Le:
      return "utf-16le";
    case Encoding::kUtf16Be:
      return "utf-16be";
    case Encoding::kGb18030:
      return "gb18030";
  }
  return "utf-8";
}

Decoder::Decoder(std::optional<Encoding> forced) : encoding_(forced), forced_(forced.has_value()) {}
Decoder::~Decoder() = default;
Decoder::Decoder(Decoder&&) noexcept = default;
Decoder& Decoder::operator=(Decoder&&) noexcept = default;

void Decoder::feed(std::string_view bytes, std::string& out) {
  // In pieces, so that pending_ stays within the window however much is fed at once.
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kWindow);
    bytes.remove_prefix(piece.size());
    pending_ += piece;
    drain(false, out);
  }
}

void Decoder::finish(std::string& out) {
  drain(true, out);
}

void Decoder::drain(bool last, std::string& out) {
  if (!started_) {
    if (!last && pending_.size() < kHead) return;
    started_ = true;
    const std::string_view head = std::string_view(pending_).substr(0, kHead);
    for (const Mark& mark : kMarks) {
      if (!head.starts_with(mark.bytes) || (forced_ && *encoding_ != mark.encoding)) continue;
      encoding_ = mark.encoding;
      pending_.erase(0, mark.bytes.size());
      break;
    }
    if (!encoding_) encoding_ = utf16_by_zeros(head);
  }
  if (!encoding_) decide(last, out);
  if (encoding_) decode(last, out);
}

void Decoder::decide(bool last, std::string& out) {
  const std::size_t ascii = ascii_prefix(pending_);
  out.append(pending_, 0, ascii);
  pending_.erase(0, ascii);
  if (pending_.empty() || (!last && pending_.size() < kWindow)) return;
  const std::string_view sample = pending_;
  const std::size_t good = utf8_prefix(sample);
  const bool cut = !last && is_cut_utf8_sequence(sample.substr(good));
  encoding_ = good == sample.size() || cut ? Encoding::kUtf8 : Encoding::kGb18030;
}

void Decoder::decode(bool last, std::string& out) {
  if (*encoding_ != Encoding::kUtf8) {
    convert(last, out);
    return;
  }
  // Bytes that are no UTF-8 pass: the reader refuses their row.
  out += pending_;
  pending_.clear();
}

void Decoder::convert(bool last, std::string& out) {
  if (!converter_) converter_ = std::make_unique<Converter>(*encoding_);
  char* in = pending_.data();
  std::size_t in_left = pending_.size();
  while (in_left > 0) {
    const std::size_t before = out.size();
    // Two bytes of input make at most three of UTF-8.
    std::size_t out_left = in_left * 2 + 16;
    out.resize(before + out_left);
    char* to = out.data() + before;
    const std::size_t code = iconv(converter_->handle, &in, &in_left, &to, &out_left);
    const int why = errno;
    out.resize(out.size() - out_left);
    if (code != static_cast<std::size_t>(-1) || why == E2BIG) continue;
    if (why == EINVAL && !last) break;  // a character is cut: its rest comes with the next chunk
    const std::size_t skip = std::min(converter_->unit, in_left);
    out += kBadByte;
    in += skip;
    in_left -= skip;
    iconv(converter_->handle, nullptr, nullptr, nullptr, nullptr);
  }
  pending_.erase(0, pending_.size() - in_left);
}

}  // namespace hongyan
