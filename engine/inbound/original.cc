#include "engine/inbound/original.h"

#include "base/text.h"
#include "engine/inbound/addresses.h"
#include "engine/inbound/phrases.h"

#include <algorithm>
#include <array>

namespace hongyan::inbound {
namespace {

// What only the header of a message has, not the summary that some notices begin with.
constexpr std::array<std::string_view, 8> kOnlyInHeaders = {
    "received",     "return-path",    "mime-version", "message-id",
    "content-type", "dkim-signature", "x-mailer",     "content-transfer-encoding"};
// A header is looked for so often: texts made to cost time stop there.
constexpr int kMostAttempts = 100;
constexpr std::array<std::string_view, 4> kBasics = {"from", "to", "subject", "date"};

std::string_view without_quote(std::string_view line) {
  while (!line.empty() && (line.front() == '>' || line.front() == ' ' || line.front() == '|' ||
                           line.front() == '\t'))
    line.remove_prefix(1);
  return line;
}

// A run of fields that begins here and is a message's header. Takes it off `rest` when so.
bool take_header(std::string_view& rest, mime::Fields& found) {
  std::string_view text = rest;
  std::string block;
  bool quoted = false;
  for (int lines = 0; !text.empty() && lines < 400; ++lines) {
    std::string_view line = mime::take_line(text);
    // The prefix of quoting may hide the indentation of folded lines; their field is whole anyhow.
    if (lines == 0) quoted = without_quote(line) != line;
    if (quoted) line = without_quote(line);
    if (trim_blanks(line).empty()) break;
    if (mime::field_name(line).empty() && line.front() != ' ' && line.front() != '\t' && !quoted)
      break;
    block.append(line).append("\n");
  }
  std::string_view view = block;
  mime::Fields fields = mime::take_fields(view);
  const auto is_there = [&](std::string_view name) { return fields.has(name); };
  const auto sure = std::ranges::count_if(kOnlyInHeaders, is_there);
  const auto basic = std::ranges::count_if(kBasics, is_there);
  if (sure == 0 || sure + basic < 3) return false;
  rest = text;
  found = std::move(fields);
  return true;
}

// A summary "To: ..." of a notice tells the recipients too.
void learn_summary(std::string_view line, const std::vector<std::string>& own, Original& original) {
  const std::string_view plain = without_quote(line);
  if (mime::field_name(plain) != "to") return;
  for (auto& address : header_addresses(plain.substr(plain.find(':') + 1)))
    if (original.recipients.size() < 20 && std::ranges::find(own, address) == own.end())
      original.recipients.push_back(std::move(address));
}

}  // namespace

std::string bare_id(std::string_view value) {
  const std::size_t open = value.find('<');
  if (open != std::string_view::npos) {
    value.remove_prefix(open + 1);
    value = value.substr(0, value.find('>'));
  }
  return std::string(trim_blanks(value).substr(0, 998));
}

void Original::learn(const mime::Fields& header) {
  // What the mailers on the way noted of the envelope, then what the writer said.
  for (const std::string_view name :
       {"x-hmxmroriginalrecipient", "x-original-to", "x-envelope-to", "to", "cc", "bcc"})
    for (const std::string_view value : header.all(name))
      for (auto& address : header_addresses(value))
        if (recipients.size() < 100 && std::ranges::find(recipients, address) == recipients.end())
          recipients.push_back(std::move(address));
  if (message_id.empty()) message_id = bare_id(header.find("message-id"));
  if (return_path.empty()) return_path = typed_address(header.find("return-path"));
  if (sender.empty())
    if (auto from = header_addresses(header.find("from")); !from.empty())
      sender = std::move(from.front());
}

std::string_view cut_original(std::string_view text, const std::vector<std::string>& own,
                              Original& original) {
  std::string_view rest = text;
  int attempts = 0;
  while (!rest.empty()) {
    const std::size_t at = text.size() - rest.size();
    std::string_view probe = rest;
    const std::string_view line = mime::take_line(probe);
    if (begins_original(ascii_lower(line.substr(0, 200)))) {
      for (int lines = 0; !probe.empty() && lines < 12; ++lines) {
        mime::Fields header;
        if (take_header(probe, header)) {
          original.learn(header);
          break;
        }
        mime::take_line(probe);
      }
      // Transcripts and lists may follow a header that was shown early; nothing else does.
      return text.substr(0, at);
    }
    mime::Fields header;
    if (!mime::field_name(without_quote(line)).empty() && ++attempts < kMostAttempts &&
        take_header(rest, header)) {
      original.learn(header);
      return text.substr(0, at);
    }
    learn_summary(line, own, original);
    rest = probe;
  }
  return text;
}

std::string without_quoting(std::string_view text) {
  std::size_t lines = 0;
  std::size_t quoted = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = mime::take_line(rest);
    lines += line.empty() ? 0 : 1;
    quoted += line.starts_with('>') ? 1 : 0;
  }
  if (quoted < 4 || quoted * 2 < lines) return std::string(text);
  std::string out;
  while (!text.empty()) {
    std::string_view line = mime::take_line(text);
    if (line.starts_with('>')) line.remove_prefix(1);
    if (line.starts_with(' ')) line.remove_prefix(1);
    out.append(line).append("\n");
  }
  return out;
}

}  // namespace hongyan::inbound
