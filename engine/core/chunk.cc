#include "engine/core/chunk.h"

#include <zstd.h>

#include <map>
#include <optional>

namespace hongyan::engine {
namespace {

constexpr char kVersion = 1;
constexpr int kLevel = 3;
constexpr std::size_t kMostUnpacked = 64 << 20;

void put_number(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

void put_text(std::string& out, std::string_view text) {
  put_number(out, text.size());
  out += text;
}

// Reads what the two above wrote; nothing when the bytes end early.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  std::optional<std::uint64_t> number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) return std::nullopt;
      const auto byte = static_cast<unsigned char>(rest_[0]);
      rest_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
    return std::nullopt;
  }
  std::optional<std::string_view> text() {
    const auto size = number();
    if (!size || *size > rest_.size()) return std::nullopt;
    const auto found = rest_.substr(0, *size);
    rest_.remove_prefix(*size);
    return found;
  }

 private:
  std::string_view rest_;
};

}  // namespace

struct ChunkBuilder::Impl {
  std::map<std::string, std::uint64_t, std::less<>> names;
  std::vector<std::string_view> ordered;  // keys of `names`, by number
  std::string body;
  std::size_t count = 0;
};

ChunkBuilder::ChunkBuilder() : impl_(std::make_unique<Impl>()) {}
ChunkBuilder::~ChunkBuilder() = default;
ChunkBuilder::ChunkBuilder(ChunkBuilder&&) noexcept = default;
ChunkBuilder& ChunkBuilder::operator=(ChunkBuilder&&) noexcept = default;

std::size_t ChunkBuilder::size() const {
  return impl_->count;
}

void ChunkBuilder::add(const ChunkRecipient& recipient) {
  Impl& b = *impl_;
  put_number(b.body, recipient.row);
  put_text(b.body, recipient.address);
  put_text(b.body, recipient.refusal);
  put_number(b.body, recipient.vars.size());
  for (const auto& [name, value] : recipient.vars) {
    auto at = b.names.find(name);
    if (at == b.names.end()) {
      at = b.names.emplace(std::string(name), b.ordered.size()).first;
      b.ordered.push_back(at->first);
    }
    put_number(b.body, at->second);
    put_text(b.body, value);
  }
  ++b.count;
}

std::string ChunkBuilder::take() {
  std::string plain;
  plain.reserve(impl_->body.size() + 64);
  put_number(plain, impl_->ordered.size());
  for (const std::string_view name : impl_->ordered) put_text(plain, name);
  put_number(plain, impl_->count);
  plain += impl_->body;
  std::string packed(1 + ZSTD_compressBound(plain.size()), '\0');
  packed[0] = kVersion;
  static thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(
      ZSTD_createCCtx(), &ZSTD_freeCCtx);
  const std::size_t size = ZSTD_compressCCtx(context.get(), packed.data() + 1, packed.size() - 1,
                                             plain.data(), plain.size(), kLevel);
  packed.resize(ZSTD_isError(size) ? 0 : size + 1);
  impl_ = std::make_unique<Impl>();
  return packed;
}

Result<Chunk> Chunk::unpack(std::string_view packed) {
  const auto bad = [](std::string_view why) {
    return fail(Scope::kJob, "bad-chunk", std::string(why));
  };
  if (packed.empty()) return bad("the chunk is empty or gone");
  if (packed[0] != kVersion) return bad("written by another version of Hongyan");
  const auto size = ZSTD_getFrameContentSize(packed.data() + 1, packed.size() - 1);
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kMostUnpacked)
    return bad("damaged");
  Chunk chunk;
  chunk.bytes_ = std::make_unique<std::string>(size, '\0');
  if (ZSTD_decompress(chunk.bytes_->data(), size, packed.data() + 1, packed.size() - 1) != size)
    return bad("damaged");

  Reader in(*chunk.bytes_);
  std::vector<std::string_view> names(in.number().value_or(0) % (1 << 16));
  for (auto& name : names) {
    const auto text = in.text();
    if (!text) return bad("cut short");
    name = *text;
  }
  const std::uint64_t count = in.number().value_or(0);
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto row = in.number();
    const auto address = in.text();
    const auto refusal = in.text();
    const auto vars = in.number();
    if (!row || !address || !refusal || !vars || *vars > names.size() + 1024)
      return bad("cut short");
    ChunkRecipient recipient{*row, *address, *refusal, {}};
    recipient.vars.reserve(*vars);
    for (std::uint64_t v = 0; v < *vars; ++v) {
      const auto name = in.number();
      const auto value = in.text();
      if (!name || !value || *name >= names.size()) return bad("cut short");
      recipient.vars.emplace_back(names[*name], *value);
    }
    chunk.recipients_.push_back(std::move(recipient));
  }
  return chunk;
}

}  // namespace hongyan::engine
