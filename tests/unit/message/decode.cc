#include "tests/unit/message/decode.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace hongyan::message::testing {
namespace {

bool same(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b,
                            [](char x, char y) { return std::tolower(x) == std::tolower(y); });
}

std::string unhex(std::string_view text, char mark, bool underscores) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == mark && i + 2 < text.size()) {
      out +=
          static_cast<char>(std::strtol(std::string(text.substr(i + 1, 2)).c_str(), nullptr, 16));
      i += 2;
    } else {
      out += underscores && text[i] == '_' ? ' ' : text[i];
    }
  }
  return out;
}

}  // namespace

std::string Mail::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (same(key, name)) return value;
  return {};
}

int Mail::count(std::string_view name) const {
  return static_cast<int>(
      std::ranges::count_if(headers, [&](const auto& field) { return same(field.first, name); }));
}

Mail read_mail(std::string_view wire) {
  Mail mail;
  while (!wire.empty()) {
    const std::size_t end = wire.find("\r\n");
    const std::string_view line = wire.substr(0, end);
    wire.remove_prefix(end == std::string_view::npos ? wire.size() : end + 2);
    if (line.empty()) break;
    if (line[0] == ' ' || line[0] == '\t') {
      if (!mail.headers.empty()) mail.headers.back().second += line;
      continue;
    }
    const std::size_t colon = line.find(':');
    std::string_view value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) value.remove_prefix(1);
    mail.headers.emplace_back(line.substr(0, colon), value);
  }
  mail.body = wire;
  return mail;
}

std::string decode_qp(std::string_view text) {
  std::string joined;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("=\r\n")) {
      i += 2;
    } else {
      joined += text[i];
    }
  }
  return unhex(joined, '=', false);
}

std::string decode_base64(std::string_view text) {
  std::string out;
  unsigned bits = 0;
  int have = 0;
  for (const char c : text) {
    unsigned value = 0;
    if (c >= 'A' && c <= 'Z') {
      value = static_cast<unsigned>(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
      value = static_cast<unsigned>(c - 'a' + 26);
    } else if (c >= '0' && c <= '9') {
      value = static_cast<unsigned>(c - '0' + 52);
    } else if (c == '+' || c == '/') {
      value = c == '+' ? 62 : 63;
    } else if (c == '=') {
      break;
    } else {
      continue;
    }
    bits = bits << 6 | value;
    have += 6;
    if (have >= 8) {
      have -= 8;
      out += static_cast<char>(bits >> have & 255);
    }
  }
  return out;
}

std::string decode_words(std::string_view header) {
  std::string out;
  std::string blanks;
  bool after_word = false;
  while (!header.empty()) {
    if (header[0] == ' ') {
      blanks += ' ';
      header.remove_prefix(1);
      continue;
    }
    const std::size_t end = std::min(header.find(' '), header.size());
    const std::string_view word = header.substr(0, end);
    header.remove_prefix(end);
    const bool encoded = word.starts_with("=?UTF-8?") && word.ends_with("?=") && word.size() > 12;
    if (!(encoded && after_word)) out += blanks;
    blanks.clear();
    if (encoded) {
      const std::string_view payload = word.substr(10, word.size() - 12);
      out += word[8] == 'Q' ? unhex(payload, '=', true) : decode_base64(payload);
    } else {
      out += word;
    }
    after_word = encoded;
  }
  return out + blanks;
}

std::string decode_body(const Mail& mail) {
  return mail.header("Content-Transfer-Encoding") == "base64" ? decode_base64(mail.body)
                                                              : decode_qp(mail.body);
}

std::vector<Mail> split_parts(const Mail& mail) {
  const std::string type = mail.header("Content-Type");
  const std::size_t at = type.find("boundary=\"") + 10;
  const std::string line = "\r\n--" + type.substr(at, type.find('"', at) - at);
  const std::string body = "\r\n" + mail.body;
  std::vector<Mail> parts;
  std::size_t from = body.find(line);
  while (from != std::string::npos && !body.substr(from + line.size()).starts_with("--")) {
    from += line.size() + 2;
    const std::size_t to = body.find(line, from);
    parts.push_back(read_mail(std::string_view(body).substr(from, to - from)));
    from = to;
  }
  return parts;
}

std::string fault_of_lines(std::string_view wire) {
  if (!wire.ends_with("\r\n")) return "the last line is not ended";
  bool header = true;
  bool folded = false;
  while (!wire.empty()) {
    const std::size_t end = wire.find("\r\n");
    const std::string line(wire.substr(0, end));
    wire.remove_prefix(end + 2);
    if (line.empty()) header = false;
    if (line.find_first_of("\r\n") != std::string::npos) return "a bare CR or LF in: " + line;
    if (line.starts_with('.')) return "begins with a dot: " + line;
    if (line.size() > 998) return "longer than 998: " + line;
    if (!header && line.size() > 76) return "a body line longer than 76: " + line;
    if (line.find("=?UTF-8?") != std::string::npos && line.size() > 76)
      return "an encoded word's line longer than 76: " + line;
    if (!line.empty() && line.find_first_not_of(" \t") == std::string::npos) return "only blanks";
    if (!header && (line.ends_with(' ') || line.ends_with('\t')))
      return "ends with a blank: " + line;
    folded = !line.empty() && line[0] == ' ';
    if (header && !line.empty() && !folded && line.find(':') == std::string::npos)
      return "no header: " + line;
  }
  return {};
}

}  // namespace hongyan::message::testing
