#pragma once

#include "base/mime/mime.h"
#include "base/smtp_command.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::inbound {

// Whether mail for an address is taken.
enum class Admission : unsigned char { kTaken, kUnknown, kForged };

// What a session asks, and tells to be counted. Both are called while it reads.
struct Desk {
  std::function<Admission(std::string_view address)> admit;
  // forged-tag, unknown-recipient, too-many-recipients, too-large, protocol, and of the listener:
  // too-many-connections, too-slow
  std::function<void(std::string_view reason)> note_refusal;
};

// A mail as it came. What is behind the part that is read is counted and dropped.
struct ReceivedMail {
  std::vector<std::string> recipients;  // at least one, as they were accepted
  std::string front;                    // at most kMostRead bytes
  std::uint64_t bytes = 0;
};

struct SessionOptions {
  std::string host;  // how it calls itself
  bool lmtp = false;
  bool offers_tls = false;
  std::uint64_t max_bytes = 0;  // of a mail
};

// The receiving side of SMTP (RFC 5321) or LMTP (RFC 2033), without sockets.
//
//   mode     reads                          leaves by
//   command  lines                          DATA
//   content  lines, dots removed            <CRLF>.<CRLF> → kDeliver
//   waiting  nothing                        answer()
//   skip     the rest of a line too long    its end
//
// Offers PIPELINING, SIZE, 8BITMIME, SMTPUTF8, ENHANCEDSTATUSCODES and STARTTLS; neither AUTH nor
// relaying: an address is taken when the desk says so, whoever sends.
//
// Owner: a connection. Invariant: holds at most kMostRead bytes of content and kMostRecipients
// addresses, whatever the peer does.
class Session {
 public:
  enum class Step : unsigned char {
    kRead,      // write the replies, then feed more
    kDeliver,   // write the replies, then take_mail() and answer()
    kStartTls,  // write the replies, drop what is unread, do the handshake
    kClose,     // write the replies, then close
  };
  static constexpr std::size_t kMostRecipients = 100;  // RFC 5321 4.5.3.1.8
  static constexpr std::size_t kLongestAddress = 320;  // 64 + 1 + 255
  static constexpr std::size_t kLongestLine = 4096;    // of commands, extensions included
  static constexpr int kMostFaults = 20;               // of a connection; then it is closed
  static constexpr int kMostRefused = 100;             // recipients of a connection; likewise

  // `desk` outlives the session.
  Session(const SessionOptions& options, const Desk& desk) : options_(options), desk_(desk) {}

  // Once, before anything is read.
  void greet(std::string& out) const;
  // Takes what it can use off the front of `input`; a rest is to be fed again with more behind it.
  Step feed(std::string_view& input, std::string& out);
  void tls_started();

  ReceivedMail take_mail();
  // A reply line for each recipient, as "250 2.0.0 stored". SMTP has but one reply: one "later"
  // (4xx) makes it that, so that the sender comes again; else one success makes it that.
  void answer(std::span<const std::string> replies, std::string& out);

  // Grows with each command and when content begins: a peer that only keeps the line warm does not
  // move it.
  std::uint64_t progress() const { return progress_; }
  bool in_content() const { return mode_ == Mode::kContent; }

 private:
  enum class Mode : unsigned char { kCommand, kContent, kWaiting, kSkip };

  Step command(std::string_view line, std::string& out);
  Step hello(std::string_view verb, std::string_view name, std::string& out);
  Step mail(std::string_view rest, std::string& out);
  Step rcpt(std::string_view rest, std::string& out);
  Step data(std::string& out);
  Step start_tls(std::string_view rest, std::string& out);
  Step end_of_content(std::string& out);
  // False: `fault_` says what is wrong.
  bool take_parameters(std::string_view parameters);
  // A reply to what should not have been said; too many of them end the connection.
  Step fault(std::string_view reply, std::string& out);
  Step refuse(std::string_view reason, std::string_view reply, std::string& out);
  void reset();

  const SessionOptions& options_;
  const Desk& desk_;
  Mode mode_ = Mode::kCommand;
  bool greeted_ = false;
  bool tls_ = false;
  int faults_ = 0;
  int refused_ = 0;
  std::uint64_t progress_ = 0;

  // The transaction.
  bool open_ = false;  // from MAIL on
  bool utf8_ = false;
  ReceivedMail mail_;
  DotReader dots_;
  std::string_view fault_;
};

}  // namespace hongyan::inbound
