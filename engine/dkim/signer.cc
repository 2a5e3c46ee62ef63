#include "engine/dkim/signer.h"

#include "base/base64.h"
#include "base/text.h"

#include <algorithm>

namespace hongyan::dkim {
namespace {

constexpr std::size_t kLine = 76;

// Oversigned: named once more than they are there, so that nobody adds another (RFC 6376 8.15).
constexpr std::string_view kOversigned[] = {"From",
                                            "Reply-To",
                                            "Subject",
                                            "Date",
                                            "To",
                                            "Cc",
                                            "Message-ID",
                                            "In-Reply-To",
                                            "References",
                                            "MIME-Version",
                                            "Content-Type",
                                            "Content-Transfer-Encoding",
                                            "List-Id",
                                            "List-Unsubscribe",
                                            "List-Unsubscribe-Post",
                                            "Feedback-ID"};

struct Split {
  std::string header;                  // with the line end of its last field
  std::vector<std::string_view> body;  // without the empty line
};

Split split_message(std::span<const std::string_view> pieces) {
  Split split;
  bool in_body = false;
  for (const std::string_view piece : pieces) {
    if (in_body) {
      split.body.push_back(piece);
      continue;
    }
    const std::size_t before = split.header.size();
    split.header += piece;
    const std::size_t end = split.header.find("\r\n\r\n", before < 3 ? 0 : before - 3);
    if (end == std::string::npos) continue;
    in_body = true;
    split.body.push_back(piece.substr(end + 4 - before));
    split.header.resize(end + 2);
  }
  return split;
}

// Fields with their continuation lines.
std::vector<std::string_view> split_fields(std::string_view header) {
  std::vector<std::string_view> fields;
  while (!header.empty()) {
    std::size_t end = 0;
    do {
      end = header.find("\r\n", end);
      end = end == std::string_view::npos ? header.size() : end + 2;
    } while (end < header.size() && (header[end] == ' ' || header[end] == '\t'));
    fields.push_back(header.substr(0, end));
    header.remove_prefix(end);
  }
  return fields;
}

bool is_named(std::string_view field, std::string_view name) {
  return field.size() > name.size() && ascii_iequals(field.substr(0, name.size()), name) &&
         (field[name.size()] == ':' || field[name.size()] == ' ' || field[name.size()] == '\t');
}

// A header field that grows word by word.
class Folder {
 public:
  explicit Folder(std::string text) : out_(std::move(text)), column_(out_.size()) {}
  // A blank or, where the line is full, a fold stands before it.
  void word(std::string_view text) {
    const bool fits = column_ + 1 + text.size() <= kLine;
    out_ += fits ? " " : "\r\n\t";
    out_ += text;
    column_ = fits ? column_ + 1 + text.size() : 1 + text.size();
  }
  // Goes on with the word before it if the line has room.
  void more(std::string_view text) {
    const bool fits = column_ + text.size() <= kLine;
    if (!fits) out_ += "\r\n\t";
    out_ += text;
    column_ = fits ? column_ + text.size() : 1 + text.size();
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
  std::size_t column_;
};

std::string head_of(const Identity& identity, const std::vector<std::string_view>& names,
                    const std::string& body_hash, std::int64_t seconds) {
  Folder folder("DKIM-Signature: v=1;");
  folder.word("a=" + std::string(name_of(identity.key.algorithm())) + ";");
  folder.word("c=relaxed/relaxed;");
  folder.word("d=" + identity.domain + ";");
  folder.word("s=" + identity.selector + ";");
  folder.word("t=" + std::to_string(seconds) + ";");
  folder.word("h=" + std::string(names.front()));
  for (std::size_t i = 1; i < names.size(); ++i) {
    folder.more(":");
    folder.more(names[i]);
  }
  folder.more(";");
  folder.word("bh=" + body_hash + ";");
  return folder.take() + "\r\n\tb=";
}

constexpr std::size_t kBase64Line = 72;

std::size_t base64_size(std::size_t bytes) {
  return (bytes + 2) / 3 * 4;
}
std::size_t folds_of(std::size_t base64_bytes) {
  return (base64_bytes - 1) / kBase64Line;
}

}  // namespace

Draft Signer::draft(std::span<const std::string_view> message, WallTime at,
                    BodyHashes& bodies) const {
  Draft draft;
  const Split split = split_message(message);
  const Digest& digest = bodies.hash(split.body);
  const std::string body_hash =
      encode_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
  const std::vector<std::string_view> fields = split_fields(split.header);
  std::vector<std::string_view> names;
  for (const std::string_view name : kOversigned) {
    // Of several fields the last one is taken first (RFC 6376 5.4.2).
    for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
      if (!is_named(*field, name)) continue;
      append_relaxed_field(*field, draft.fields);
      names.push_back(name);
    }
    names.push_back(name);
  }
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  for (const Identity& identity : identities_)
    draft.heads.push_back(head_of(identity, names, body_hash, seconds));
  return draft;
}

Result<std::string> Signer::sign(const Draft& draft) const {
  std::string out;
  out.reserve(size_of(draft));
  std::string input;
  for (std::size_t i = 0; i < identities_.size(); ++i) {
    input = draft.fields;
    append_relaxed_field(draft.heads[i], input);
    input.resize(input.size() - 2);  // its line end does not count (RFC 6376 3.7)
    const auto signature = identities_[i].key.sign(sha256(input));
    if (!signature) return std::unexpected(signature.error());
    const std::string text = encode_base64(*signature);
    out += draft.heads[i];
    for (std::size_t at = 0; at < text.size(); at += kBase64Line) {
      if (at > 0) out += "\r\n\t";
      out += std::string_view(text).substr(at, kBase64Line);
    }
    out += "\r\n";
  }
  return out;
}

std::size_t Signer::size_of(const Draft& draft) const {
  std::size_t size = 0;
  for (std::size_t i = 0; i < identities_.size(); ++i) {
    const std::size_t signature = base64_size(identities_[i].key.signature_size());
    size += draft.heads[i].size() + signature + 3 * folds_of(signature) + 2;
  }
  return size;
}

}  // namespace hongyan::dkim
