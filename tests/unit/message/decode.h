#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A reader of mail that shares nothing with the writer under test.
namespace hongyan::message::testing {

struct Mail {
  std::vector<std::pair<std::string, std::string>> headers;  // unfolded, not decoded
  std::string body;                                          // as on the wire

  std::string header(std::string_view name) const;  // "" when absent
  int count(std::string_view name) const;
};

Mail read_mail(std::string_view wire);
std::string decode_qp(std::string_view text);
std::string decode_base64(std::string_view text);
std::string decode_words(std::string_view header);  // RFC 2047
std::string decode_body(const Mail& mail);          // by its Content-Transfer-Encoding
std::vector<Mail> split_parts(const Mail& mail);    // by its boundary

// "" when every line of the message is as it must be, else what is wrong.
std::string fault_of_lines(std::string_view wire);

}  // namespace hongyan::message::testing
