#pragma once

#include "base/address.h"
#include "base/fault.h"
#include "base/json.h"
#include "base/money.h"
#include "engine/job/window.h"

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hongyan::job {

inline constexpr std::size_t kMaxDocument = 4 * 1024 * 1024;

enum class InDoubt : unsigned char { kResend, kHold };

struct Recipients {
  // An inline list, as a producer would have pushed it to the key: items of at most 1 MiB of NDJSON
  // lines in blocks from 1, then {"end":true,"count":N}. Empty: the list comes by its key.
  std::vector<std::string> items;
  std::uint64_t count = 0;  // of an inline list
  bool inlined() const { return !items.empty(); }
};

struct Attachment {
  std::string name;
  std::string content_type;
  std::string data;  // decoded; empty when `key` is set
  std::string key;
  std::string content_id;  // of an image within html; empty: attached
};

// A template of several.
struct Variant {
  std::string name;
  std::optional<std::string> subject;
  std::optional<std::string> text;  // this and html stand in for the job's two together
  std::optional<std::string> html;
  bool has_body() const { return text || html; }
};

struct ListUnsubscribe {
  std::string url;
  std::string mailto;
  bool one_click = false;
};

// One campaign, as intake accepted it. Addresses, times and sums are valid, texts are UTF-8, what
// becomes a header has no CR or LF. Templates are as written.
struct Job {
  std::string id;
  std::string tenant;
  std::string channel;
  Address from;
  std::string from_name;
  std::optional<Address> reply_to;
  std::string subject;
  std::optional<std::string> text;
  std::optional<std::string> html;
  std::vector<Variant> variants;  // none, or two and more
  std::vector<std::pair<std::string, std::string>> headers;
  Recipients recipients;
  std::optional<WallTime> send_at;
  std::optional<Window> window;
  int priority = 5;
  std::optional<Millis> expires_after;
  std::optional<MicroYuan> max_spend;
  InDoubt in_doubt = InDoubt::kResend;
  std::optional<ListUnsubscribe> list_unsubscribe;
  std::vector<Attachment> attachments;
  std::string report_type;  // of a report made by a machine (RFC 6522); empty: none
  bool track_opens = false;
  bool track_clicks = false;
  bool unknown_is_empty = false;  // variables without default; otherwise they refuse the recipient
  bool events = false;            // recipient.outcome events wanted

  // SHA-256 of the canonical document: equal for equal content, whatever its spelling.
  std::string digest;
};

// What intake must know of the configuration.
struct IntakePolicy {
  // Tenant to the From domains it may use, as lower-case A-labels.
  std::map<std::string, std::vector<std::string>, std::less<>> tenants;
  std::vector<std::string> channels;
  std::string default_channel = "quality";
  // Why a template does not compile, or nothing. Called for subject, text, html, header values and
  // the unsubscribe URL; may be empty.
  std::function<std::optional<std::string>(std::string_view)> template_fault;
};

// Every fault of the document at once: first those of docs/job.schema.json, then what only the
// configuration and the fields together can tell.
std::expected<Job, Faults> parse_job(std::string_view json, const IntakePolicy& policy);

// "hongyan:{ID}:recipients".
std::string recipients_key(std::string_view id);

// Fields a campaign may not set, because Hongyan does.
bool is_forbidden_header(std::string_view name);

}  // namespace hongyan::job
