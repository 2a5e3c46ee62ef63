#pragma once

#include "base/error.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace hongyan::sink {

// Everything since the start. "Recipients" count per RCPT, "messages" per end-of-data.
struct Statistics {
  std::uint64_t connections = 0;
  std::uint64_t open = 0;
  std::uint64_t tls = 0;
  std::uint64_t tls_resumed = 0;
  std::uint64_t messages = 0;            // accepted
  std::uint64_t recipients = 0;          // of accepted messages
  std::uint64_t bytes = 0;               // of accepted messages, dots removed
  std::uint64_t bounced = 0;             // 5xx to RCPT
  std::uint64_t deferred = 0;            // 4xx to RCPT
  std::uint64_t content_bounced = 0;     // recipients of messages refused with 5xx
  std::uint64_t content_deferred = 0;    // recipients of messages refused with 4xx
  std::uint64_t content_unanswered = 0;  // recipients whose end-of-data got no answer
  std::uint64_t lost = 0;                // of those, the ones that were kept all the same
  std::uint64_t refused_otherwise = 0;   // scripted replies at other stages
  std::uint64_t limited = 0;             // refusals by a limit
  std::uint64_t dropped = 0;             // connections, and so on
  std::uint64_t stalled = 0;
  std::uint64_t garbled = 0;
  std::uint64_t endless = 0;
  std::uint64_t protocol_faults = 0;       // 500, 501, 503 replies and lines too long
  std::uint64_t distinct_recipients = 0;   // that got a message
  std::uint64_t duplicate_recipients = 0;  // that got more than one message
  std::uint64_t repeated_messages = 0;     // same recipient and Message-ID again: copies
  bool forgetful = false;                  // too many recipients: the last three are too low

  std::string json() const;
};

struct Accepted {
  std::string recipient;
  std::string message_id;  // as in the header, with < >; empty when there is none
  std::uint64_t bytes = 0;
  std::string content;  // when asked for
};

struct BookOptions {
  std::string log_file{};                       // NDJSON, a line per recipient of a message
  std::string out_dir{};                        // NNNNNNNN.eml each
  std::size_t keep_records = 100'000;           // how many Accepted stay in memory
  bool keep_content = false;                    // with their content
  std::size_t remember_recipients = 2'000'000;  // for duplicates and counted scripts
};

// What the sink has seen. Memory is bounded by the options.
//
// Thread: the server's only.
class Book {
 public:
  static Result<std::unique_ptr<Book>> open(const BookOptions& options);
  ~Book();
  Book(const Book&) = delete;
  Book& operator=(const Book&) = delete;

  bool wants_content() const { return options_.keep_content || !options_.out_dir.empty(); }
  // The message is kept: call before the 250 is written, then flush().
  void accept(std::string_view peer, std::string_view from,
              const std::vector<std::string>& recipients, std::string_view message_id,
              std::uint64_t bytes, std::string_view content);
  // Writes the log lines of what was accepted since the last call. After it they survive a kill.
  void flush();
  // How often this recipient met a counted script before; counts this time.
  std::uint32_t attempt(std::string_view recipient);

  Statistics& statistics() { return statistics_; }
  const std::vector<Accepted>& accepted() const { return accepted_; }

 private:
  Book(const BookOptions& options, int log_fd) : options_(options), log_fd_(log_fd) {}
  void remember(std::string_view recipient, std::string_view message_id);

  BookOptions options_;
  int log_fd_;
  std::string log_lines_;
  Statistics statistics_;
  std::vector<Accepted> accepted_;
  std::unordered_map<std::uint64_t, std::uint32_t> attempts_;
  std::unordered_map<std::uint64_t, std::uint32_t> messages_of_;
  std::unordered_set<std::uint64_t> seen_;  // (recipient, message id)
  std::uint64_t files_ = 0;
};

}  // namespace hongyan::sink
