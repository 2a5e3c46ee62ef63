#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hongyan::mime {

// Header fields, or those of a delivery status (RFC 3464 2.1 gives them the same form).
class Fields {
 public:
  // At most this many are kept.
  static constexpr std::size_t kMost = 1000;

  void add(std::string_view name, std::string_view value);
  // The first of that name (lower case), unfolded, trimmed; empty: none.
  std::string_view find(std::string_view name) const;
  // The first that is there and not empty.
  std::string_view find_any(std::initializer_list<std::string_view> names) const;
  bool has(std::string_view name) const;
  std::vector<std::string_view> all(std::string_view name) const;
  std::size_t size() const { return fields_.size(); }
  bool empty() const { return fields_.empty(); }

 private:
  friend Fields take_fields(std::string_view& text);
  struct Field {
    std::string name;
    std::string value;
  };
  std::vector<Field> fields_;
};

// Takes a block of fields, up to and with the next empty line, off the front. A line that is none
// is part of the field before it: mailers break diagnostics without indenting them.
Fields take_fields(std::string_view& text);

// "Name" in lower case when the line begins with "Name:"; empty: it is no field.
std::string field_name(std::string_view line);

// The next line without its end; text must not be empty.
std::string_view take_line(std::string_view& text);

}  // namespace hongyan::mime
