#pragma once

#include "base/clock.h"
#include "engine/tlsrpt/result.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hongyan::tlsrpt {

// What became of one session, or of sessions that were alike. Of a success only domain, policy type
// and policy text are kept: the report asks for no more.
struct Session {
  std::string domain;  // whose mail it was opened for
  PolicyType policy = PolicyType::kNone;
  std::string result;                // of RFC 8460 4.3; empty: success
  std::string mx, source, receiver;  // host name, our address, its address; empty: unknown
  std::string reason;
};

// A field of a day's hash (docs/queue.md): "DOMAIN|TYPE|ok" or
// "DOMAIN|TYPE|RESULT|MX|SOURCE|RECEIVER|REASON". Bytes that no name has become "?".
std::string to_field(const Session& session);
// Nothing: it is none of these.
std::optional<Session> parse_field(std::string_view field);

// A policy that sessions were held to: "DOMAIN|TYPE|policy|LINE;LINE".
struct PolicyText {
  std::string domain;
  PolicyType policy = PolicyType::kNone;
  std::vector<std::string> lines;
};
std::string to_field(const PolicyText& text);
std::optional<PolicyText> parse_policy_field(std::string_view field);

// Sessions that were lost count: more kinds of them in a day than are told apart.
inline constexpr std::string_view kUnlisted = "unlisted";

// "2026-11-20", the day of UTC.
std::string utc_day(WallTime at);

// Sessions between two flushes, by day and kind.
//
// Thread: the worker's. Memory: at most kMostKinds fields; what is beyond is counted as unlisted.
class Tally {
 public:
  static constexpr std::size_t kMostKinds = 5000;
  using Fields = std::map<std::string, std::int64_t, std::less<>>;

  void add(WallTime at, std::string field, std::int64_t count = 1) {
    add(utc_day(at), field, count);
  }
  void add(const std::string& day, const std::string& field, std::int64_t count);
  bool empty() const { return days_.empty(); }
  // A day and its fields; the tally forgets them.
  std::pair<std::string, Fields> take_day();

 private:
  std::map<std::string, Fields> days_;
  std::size_t kinds_ = 0;
};

}  // namespace hongyan::tlsrpt
