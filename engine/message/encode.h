#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hongyan::message {

// Quoted-printable of a running text (RFC 2045 6.7), bytes appended as they come.
struct QpState {
  unsigned column = 0;
  bool after_blank = false;  // the last byte written is a bare space or tab
};
inline constexpr unsigned kQpLine = 75;  // and the `=` of a soft break

// Any line end (CRLF, CR, LF) becomes CRLF. No line begins with a dot or with "From ".
void append_qp(std::string_view text, QpState& state, std::string& out);
void append_qp_soft_break(QpState& state, std::string& out);

// Base64 of a running text, in lines of 76.
struct Base64State {
  unsigned char waiting[3] = {};
  unsigned count = 0;
  unsigned column = 0;
};

void append_base64(std::string_view bytes, Base64State& state, std::string& out);
void finish_base64(Base64State& state, std::string& out);  // padding and line end

// Without lines or state, for encoded words.
void append_base64_word(std::string_view bytes, std::string& out);

std::string with_crlf(std::string_view text);

}  // namespace hongyan::message
