#include "base/mime/mime.h"

#include "base/decoder.h"
#include "base/text.h"
#include "base/utf8.h"

#include <algorithm>
#include <gmime/gmime.h>
#include <memory>
#include <mutex>

namespace hongyan::mime {
namespace {

struct Unref {
  void operator()(gpointer object) const { g_object_unref(object); }
};
template <class T>
using Owned = std::unique_ptr<T, Unref>;
struct Free {
  void operator()(char* text) const { g_free(text); }
};
using OwnedText = std::unique_ptr<char, Free>;

void set_up_once() {
  static std::once_flag done;
  std::call_once(done, [] { g_mime_init(); });
}

std::string plain_lines(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out += text[i] == '\r' ? '\n' : text[i] == '\0' ? ' ' : text[i];
  }
  return out;
}

// UTF-8 as it is, also when it was cut within a character; otherwise what Chinese mailers mean when
// they do not say.
std::string guess_utf8(std::string_view bytes) {
  const std::size_t valid = utf8_prefix(bytes);
  if (is_cut_utf8_sequence(bytes.substr(valid))) return std::string(bytes.substr(0, valid));
  std::string out;
  Decoder decoder(Encoding::kGb18030);
  decoder.feed(bytes, out);
  decoder.finish(out);
  std::ranges::replace(out, '\xFF', '?');
  return replace_invalid_utf8(out);
}

std::string to_utf8(std::string_view bytes, const char* charset) {
  const std::string name = charset == nullptr ? "" : ascii_lower(charset);
  const bool says_nothing = name.empty() || name == "us-ascii" || name == "utf-8" ||
                            name == "ascii" || parse_encoding(name) == Encoding::kGb18030;
  if (!says_nothing) {
    const iconv_t converter = g_mime_iconv_open("UTF-8", name.c_str());
    // NOLINTNEXTLINE: the value iconv documents
    if (converter != reinterpret_cast<iconv_t>(-1)) {
      const OwnedText made(g_mime_iconv_strndup(converter, bytes.data(), bytes.size()));
      g_mime_iconv_close(converter);
      if (made && is_valid_utf8(made.get())) return made.get();
    }
  }
  return guess_utf8(bytes);
}

std::string content_of(GMimePart* part) {
  GMimeDataWrapper* content = g_mime_part_get_content(part);
  if (content == nullptr) return {};
  const Owned<GMimeStream> memory(g_mime_stream_mem_new());
  g_mime_data_wrapper_write_to_stream(content, memory.get());
  const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(memory.get()));
  return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

std::string type_of(GMimeObject* object) {
  GMimeContentType* type = g_mime_object_get_content_type(object);
  if (type == nullptr) return "text/plain";
  const OwnedText text(g_mime_content_type_get_mime_type(type));
  return text ? ascii_lower(text.get()) : "text/plain";
}

Fields fields_of(GMimeObject* object) {
  Fields fields;
  GMimeHeaderList* list = g_mime_object_get_header_list(object);
  const int count = std::min(g_mime_header_list_get_count(list), static_cast<int>(Fields::kMost));
  for (int i = 0; i < count; ++i) {
    GMimeHeader* header = g_mime_header_list_get_header_at(list, i);
    const char* value = g_mime_header_get_raw_value(header);
    fields.add(g_mime_header_get_name(header), value == nullptr ? "" : value);
  }
  return fields;
}

void flatten(GMimeObject* object, int message, std::vector<Part>& parts) {
  if (object == nullptr) return;
  if (GMIME_IS_MULTIPART(object)) {
    GMimeMultipart* multipart = GMIME_MULTIPART(object);
    const int count = g_mime_multipart_get_count(multipart);
    for (int i = 0; i < count; ++i)
      flatten(g_mime_multipart_get_part(multipart, i), message, parts);
    // Broken boundaries: all the text may stand before the first.
    if (const char* prologue = count == 0 ? g_mime_multipart_get_prologue(multipart) : nullptr)
      parts.push_back({"text/plain", message, {}, plain_lines(guess_utf8(prologue))});
    return;
  }
  if (GMIME_IS_MESSAGE_PART(object)) {
    GMimeMessage* inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
    if (inner == nullptr) return;
    const int at = static_cast<int>(parts.size());
    parts.push_back({"message/rfc822", message, fields_of(GMIME_OBJECT(inner)), {}});
    flatten(g_mime_message_get_mime_part(inner), at, parts);
    return;
  }
  if (!GMIME_IS_PART(object)) return;
  Part part{type_of(object), message, {}, {}};
  if (part.type.starts_with("text/") || part.type.starts_with("message/")) {
    const char* charset = g_mime_object_get_content_type_parameter(object, "charset");
    part.text = plain_lines(to_utf8(content_of(GMIME_PART(object)), charset));
  }
  parts.push_back(std::move(part));
}

// How often `word` stands there, any case, followed by one of `then`.
std::size_t count_of(std::string_view bytes, std::string_view word, std::string_view then) {
  const auto same = [](char a, char b) { return (a | 0x20) == b; };
  std::size_t count = 0;
  for (auto at = bytes.begin();; ++at) {
    at = std::search(at, bytes.end(), word.begin(), word.end(), same);
    if (at == bytes.end()) return count;
    const auto next = at + static_cast<std::ptrdiff_t>(word.size());
    if (next != bytes.end() && then.contains(*next)) ++count;
  }
}

// A level of GMime's stack for each group ("a:b:c:") in a list of addresses.
constexpr std::ptrdiff_t kMostColons = 100;

// What GMime could take for a header costs too much: an object for each field, and groups.
std::optional<Refusal> check_headers(std::string_view bytes) {
  constexpr std::array<std::string_view, 6> kAddressFields = {"from", "to",       "cc",
                                                              "bcc",  "reply-to", "sender"};
  std::size_t run = 0;  // of fields without an empty line between
  std::ptrdiff_t colons = 0;
  bool is_list = false;
  while (!bytes.empty()) {
    const std::string_view line = take_line(bytes);
    if (line.empty()) {
      run = 0;
      is_list = false;
      continue;
    }
    if (line.front() != ' ' && line.front() != '\t') {
      const std::string name = field_name(line);
      if (line.contains(':') && ++run > Fields::kMost) return Refusal::kTooManyFields;
      is_list = std::ranges::find(kAddressFields, name) != kAddressFields.end();
      colons = 0;
    }
    if (is_list && (colons += std::ranges::count(line, ':')) > kMostColons)
      return Refusal::kTooManyGroups;
  }
  return std::nullopt;
}

}  // namespace

std::expected<Mail, Refusal> parse_mime(std::string_view bytes) {
  bytes = bytes.substr(0, kMostRead);
  // As mailbox files have it, before or among the fields.
  while (bytes.starts_with("From ") || bytes.starts_with(">From ")) take_line(bytes);
  // Counted before anything is built: each level costs the parser stack and a comparison a line.
  if (count_of(bytes, "boundary", "=*") + count_of(bytes, "message/", "rRgGnN") > kMostParts)
    return std::unexpected(Refusal::kTooManyParts);
  if (const auto refusal = check_headers(bytes)) return std::unexpected(*refusal);

  set_up_once();
  const Owned<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size()));
  const Owned<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  const Owned<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), nullptr));
  Mail mail;
  if (message == nullptr) {
    mail.parts.push_back({"text/plain", kOutermost, {}, plain_lines(guess_utf8(bytes))});
    return mail;
  }
  mail.fields = fields_of(GMIME_OBJECT(message.get()));
  GMimeObject* root = g_mime_message_get_mime_part(message.get());
  if (root != nullptr) mail.type = type_of(root);
  flatten(root, kOutermost, mail.parts);
  return mail;
}

std::string decode_words(std::string_view value) {
  set_up_once();
  const std::string text = guess_utf8(value);
  const OwnedText made(g_mime_utils_header_decode_text(nullptr, text.c_str()));
  return made && is_valid_utf8(made.get()) ? made.get() : text;
}

namespace {
void collect(InternetAddressList* list, std::size_t most, std::vector<Mailbox>& found) {
  const int count = list == nullptr ? 0 : internet_address_list_length(list);
  for (int i = 0; i < count && found.size() < most; ++i) {
    InternetAddress* one = internet_address_list_get_address(list, i);
    if (INTERNET_ADDRESS_IS_GROUP(one)) {
      collect(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(one)), most, found);
    } else if (INTERNET_ADDRESS_IS_MAILBOX(one)) {
      const char* name = internet_address_get_name(one);
      const char* address = internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one));
      found.push_back(
          {guess_utf8(name == nullptr ? "" : name), guess_utf8(address == nullptr ? "" : address)});
    }
  }
}
}  // namespace

std::vector<Mailbox> parse_mailboxes(std::string_view value, std::size_t most) {
  std::vector<Mailbox> found;
  if (std::ranges::count(value, ':') > kMostColons) return found;
  set_up_once();
  const std::string text = guess_utf8(value);
  const Owned<InternetAddressList> list(internet_address_list_parse(nullptr, text.c_str()));
  collect(list.get(), most, found);
  return found;
}

std::optional<WallTime> parse_mail_date(std::string_view value) {
  set_up_once();
  const std::string text(value);
  GDateTime* made = g_mime_utils_header_decode_date(text.c_str());
  if (made == nullptr) return std::nullopt;
  const std::int64_t seconds = g_date_time_to_unix(made);
  g_date_time_unref(made);
  return WallTime(std::chrono::seconds(seconds));
}

}  // namespace hongyan::mime
