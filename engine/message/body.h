#pragma once

#include "engine/message/slots.h"
#include "engine/message/splice.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hongyan::message {

enum class Escape : unsigned char { kNone, kHtml };

// Quoted-printable. A literal is encoded as if it began a line; when the line it meets is too full
// for its first line, a soft break goes before it. Lines have at most 75 bytes and the `=` of a
// soft break. A blank that meets a line end across a border is protected by a soft break.
class QpBody {
 public:
  void add_literal(std::string_view text);
  void add_use(Use use) { parts_.emplace_back(std::move(use)); }
  std::size_t static_size() const;
  void render(std::span<const std::string_view> values, Escape escape, std::string& scratch,
              Splice& out) const;

 private:
  struct Literal {
    std::string encoded;
    unsigned first_line = 0;  // bytes before its first line end, a soft break's `=` not counted
    unsigned last_line = 0;
    bool has_break = false;
    bool begins_with_break = false;
    bool ends_with_blank = false;
  };
  std::vector<std::variant<Literal, Use>> parts_;
};

// Base64. A literal is encoded for each of the three phases it can meet; only the bytes around a
// border are encoded per recipient. A literal begins a line, lines may be short.
class Base64Body {
 public:
  void add_literal(std::string_view text);
  void add_use(Use use) { parts_.emplace_back(std::move(use)); }
  std::size_t static_size() const;
  void render(std::span<const std::string_view> values, Escape escape, std::string& scratch,
              Splice& out) const;

 private:
  struct Phase {
    std::string encoded;
    std::string tail;  // 0 to 2 bytes that did not fill a group
    unsigned last_line = 0;
  };
  struct Literal {
    std::string bytes;            // short ones: encoded on the fly
    std::string head;             // first two bytes
    std::array<Phase, 3> phases;  // by the number of head bytes used up by the group before
  };
  std::vector<std::variant<Literal, Use>> parts_;
};

using Body = std::variant<QpBody, Base64Body>;

// The shorter of the two, as far as the template tells; what is rendered always ends its last
// line. Line ends of any kind become CRLF.
Body make_body(std::vector<Segment> segments);
std::string_view encoding_name(const Body& body);

}  // namespace hongyan::message
