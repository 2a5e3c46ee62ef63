#include "engine/message/encode.h"

namespace hongyan::message {
namespace {

constexpr char kHex[] = "0123456789ABCDEF";
constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr unsigned kBase64Line = 76;

bool is_line_end(char c) {
  return c == '\r' || c == '\n';
}

void append_group(const unsigned char* in, std::string& out) {
  const unsigned bits = in[0] << 16 | in[1] << 8 | in[2];
  const char group[4] = {kBase64[bits >> 18], kBase64[bits >> 12 & 63], kBase64[bits >> 6 & 63],
                         kBase64[bits & 63]};
  out.append(group, 4);
}

void append_padded(const unsigned char* in, unsigned count, std::string& out) {
  const unsigned char filled[3] = {in[0], count > 1 ? in[1] : static_cast<unsigned char>(0), 0};
  append_group(filled, out);
  out.back() = '=';
  if (count == 1) out[out.size() - 2] = '=';
}

void begin_group(Base64State& state, std::string& out) {
  if (state.column == kBase64Line) {
    out += "\r\n";
    state.column = 0;
  }
  state.column += 4;
}

}  // namespace

void append_qp_soft_break(QpState& state, std::string& out) {
  out += "=\r\n";
  state = {};
}

void append_qp(std::string_view text, QpState& state, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_line_end(c)) {
      if (state.after_blank) out += "=\r\n";
      out += "\r\n";
      state = {};
      if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
      continue;
    }
    const bool blank = c == ' ' || c == '\t';
    const bool before_end = i + 1 < text.size() && is_line_end(text[i + 1]);
    const auto is_raw = [&] {
      if (blank) return !before_end;
      if (c < 33 || c > 126 || c == '=') return false;
      if (state.column > 0) return true;
      return c != '.' && !(c == 'F' && text.substr(i).starts_with("From "));
    };
    bool raw = is_raw();
    if (state.column + (raw ? 1 : 3) > kQpLine) {
      append_qp_soft_break(state, out);
      raw = is_raw();
    }
    if (raw) {
      out += c;
      ++state.column;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '=';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
      state.column += 3;
    }
    state.after_blank = raw && blank;
  }
}

void append_base64(std::string_view bytes, Base64State& state, std::string& out) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    if (state.count == 0 && bytes.size() - i >= 3) {
      begin_group(state, out);
      const unsigned char group[3] = {static_cast<unsigned char>(bytes[i]),
                                      static_cast<unsigned char>(bytes[i + 1]),
                                      static_cast<unsigned char>(bytes[i + 2])};
      append_group(group, out);
      i += 3;
      continue;
    }
    state.waiting[state.count++] = static_cast<unsigned char>(bytes[i++]);
    if (state.count == 3) {
      begin_group(state, out);
      append_group(state.waiting, out);
      state.count = 0;
    }
  }
}

void finish_base64(Base64State& state, std::string& out) {
  if (state.count > 0) {
    begin_group(state, out);
    append_padded(state.waiting, state.count, out);
  }
  if (state.column > 0) out += "\r\n";
  state = {};
}

void append_base64_word(std::string_view bytes, std::string& out) {
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = bytes.size() - i < 3 ? bytes.size() - i : 3;
    unsigned char group[3] = {};
    for (std::size_t k = 0; k < count; ++k) group[k] = static_cast<unsigned char>(bytes[i + k]);
    if (count == 3) {
      append_group(group, out);
    } else {
      append_padded(group, static_cast<unsigned>(count), out);
    }
  }
}

std::string with_crlf(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 32);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_line_end(text[i])) {
      out += text[i];
      continue;
    }
    out += "\r\n";
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
  }
  return out;
}

}  // namespace hongyan::message
