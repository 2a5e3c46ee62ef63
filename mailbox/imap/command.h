#pragma once

#include "base/clock.h"
#include "mailbox/imap/failure.h"
#include "mailbox/imap/response.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::imap {

// What the server offers; names in upper case ("AUTH=XOAUTH2").
class Capabilities {
 public:
  void set(const std::vector<std::string>& words);
  void clear() { words_.clear(); }
  bool empty() const { return words_.empty(); }
  bool has(std::string_view name) const;
  const std::vector<std::string>& words() const { return words_; }
  // How many octets may follow at once, without "+" (RFC 7888).
  std::size_t literal_at_once() const;

 private:
  std::vector<std::string> words_;
};

// A command and what belongs to it while it runs.
struct Command {
  Stage stage = Stage::kNoop;
  // Without tag; before each but the first the server says "+".
  std::vector<std::string> parts{};
  bool is_idle = false;     // "+" begins the waiting
  bool is_select = false;   // what is known of a folder before is void
  bool is_logout = false;   // BYE is part of it
  std::string no_thanks{};  // the answer to "+" when all parts are said: ends a SASL dialogue
  std::vector<std::string> secrets{};  // never shown, whoever repeats them
  std::function<void(FetchData)> on_fetch{};
  std::function<void(ListEntry)> on_list{};
};

// Writes a command's arguments; what cannot be quoted becomes a literal.
class CommandWriter {
 public:
  CommandWriter(const Capabilities& server, std::string_view name);

  CommandWriter& word(std::string_view text);    // as it is
  CommandWriter& string(std::string_view text);  // quoted, or a literal
  CommandWriter& literal(std::string_view octets);
  std::vector<std::string> parts();  // once

 private:
  std::size_t at_once_;
  std::vector<std::string> parts_;
};

// "1:3,7": sorted, without repetition.
std::string uid_set(const std::vector<std::uint32_t>& uids);

// " 5-Jan-2026 10:00:00 +0000" (RFC 9051 9, date-time); written in UTC.
std::string format_internal_date(WallTime at);
std::optional<WallTime> parse_internal_date(std::string_view text);

}  // namespace hongyan::imap
