#pragma once

#include "mailbox/imap/limits.h"
#include "mailbox/imap/value.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace hongyan::imap {

enum class Status : unsigned char { kOk, kNo, kBad, kBye, kPreauth };
std::string_view status_name(Status status);  // "OK"

// "[APPENDUID 3 17]": what a status response tells to programs (RFC 9051 7.1, RFC 5530).
struct ResponseCode {
  std::string name;       // upper case; empty: none
  std::string arguments;  // as they came

  // The n-th word of the arguments as a number.
  std::optional<std::uint32_t> number(std::size_t n = 0) const;
};

// The state of a command or of the server, in the server's words.
struct StatusResponse {
  std::string tag;  // empty: untagged
  Status status = Status::kOk;
  ResponseCode code;
  std::string text;
};

// "+ text": go on with the command.
struct Continuation {
  std::string text;
};

// The numbers that every FETCH of ours asks for, and what it asked for by name.
struct FetchData {
  std::uint32_t sequence = 0;
  std::uint32_t uid = 0;  // 0: it did not say
  std::uint32_t size = 0;
  std::string internal_date;
  std::vector<std::string> flags;
  // "BODY[TEXT]" in upper case, without "<0>" → octets.
  std::vector<std::pair<std::string, std::string>> sections;

  // Empty when there is none.
  std::string_view section(std::string_view name) const;
  bool has_flag(std::string_view flag) const;
};

struct ListEntry {
  std::string name;  // UTF-8, or as it came where it is no modified UTF-7
  std::string wire_name;
  std::string delimiter;  // empty: the server has no hierarchy
  std::vector<std::string> attributes;

  bool has(std::string_view attribute) const;
};

struct CapabilityData {
  std::vector<std::string> words;
};
// What the server says of itself (RFC 2971): names and values in turn.
struct IdData {
  std::vector<std::string> words;
};
struct Exists {
  std::uint32_t messages = 0;
};
struct Expunge {
  std::uint32_t sequence = 0;
};

// What no command of ours waits for; not read any further.
struct OtherData {};

using Response = std::variant<OtherData, StatusResponse, Continuation, CapabilityData, FetchData,
                              ListEntry, IdData, Exists, Expunge>;

// Reads what ResponseReader cut. The error is what is wrong with it.
std::expected<Response, std::string_view> parse_response(std::string_view text,
                                                         const Limits& limits = {});

}  // namespace hongyan::imap
