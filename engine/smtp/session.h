#pragma once

#include "engine/smtp/capabilities.h"
#include "engine/smtp/delivery.h"
#include "engine/smtp/options.h"
#include "engine/smtp/outcome.h"
#include "engine/smtp/reply_parser.h"
#include "engine/smtp/transaction.h"

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::smtp {

// How a session ended.
struct ConnectionEnd {
  enum class Why : unsigned char {
    kDone,           // the feed has nothing more
    kMessagesLimit,  // as many messages as one connection may carry
    kLeaveRefused,   // no leave to send after DATA was granted: only closing takes that back
    kClosing,        // the server said 421
    kLost,           // see `cause`
  };
  Why why = Why::kDone;
  std::string cause;  // kClosing, kLost: "service-closing", "closed-by-peer", "timeout" ...
  Reply reply;        // kClosing, and the last one when a reply broke the rules
  int messages = 0;   // contents sent
};

// Mail transactions over a connection that Opening made ready: one after the other, each overlapped
// with its neighbour where the server allows it (RFC 2920 3.1: content N and MAIL, RCPT, DATA of
// N+1 in one write; RFC 3030: BDAT N LAST and MAIL, RCPT of N+1).
//
// Opens no socket, reads no clock, allocates nothing per message once warm. Drive it by its
// actions:
//
//   action     do                                                then tell
//   kWrite     write output()                                    on_written / on_write_failed
//   kRead      wait at most time_limit() for the next reply      on_bytes / on_lost
//   kTakeNext  ask the feed for a delivery                       on_delivery / on_quit
//   kCommit    Feed::commit(settled(), to_mark()), then          on_commit
//              next() if granted and may_overlap()
//   kClose     close the socket; end() tells why
//
// While kRead is wanted and has_early_outcome(), settled() may be committed before more is read:
// the answer to content N is worth keeping even when those to envelope N+1 are long in coming.
//
// Invariant: end-of-data of a delivery is in output() only after on_commit(true) for it, with every
// earlier outcome settled by the same call.
class Session {
 public:
  enum class Action : unsigned char { kRead, kWrite, kTakeNext, kCommit, kClose };

  // `connection` carries connect_started and ready. Options must outlive the session.
  Session(const Capabilities& server, const SessionOptions& options, const Stamps& connection);

  Action on_delivery(Delivery& delivery, SteadyTime now);
  Action on_quit();
  Action on_written(SteadyTime now);
  // At most `sent` bytes of output() can have left. The peer's last words may still be readable.
  Action on_write_failed(std::size_t sent, std::string_view cause);
  Action on_bytes(std::string_view bytes, SteadyTime now);
  Action on_lost(std::string_view cause, SteadyTime now);
  Action on_commit(bool granted, Delivery* overlap, SteadyTime now);

  std::span<const std::string_view> output() const { return output_; }
  Millis time_limit() const;
  // Grows by one with each reply: a new reply has a new time limit, more bytes of the same have
  // not.
  std::size_t replies() const { return replies_; }
  std::span<const Settled> settled() const { return {settled_.data(), settled_count_}; }
  Delivery* to_mark() const;
  bool may_overlap() const;
  bool has_early_outcome() const { return settled_count_ > 0 && awaits_answer(); }
  const ConnectionEnd& end() const { return end_; }

 private:
  enum class Expect : unsigned char { kContent, kLoneDot, kRset, kMail, kRcpt, kData, kQuit };

  void begin(Delivery& delivery);
  void queue_envelope();
  void queue_content();
  void append_stuffed(std::string_view piece, bool& at_line_start);
  void say(Expect answer, std::initializer_list<std::string_view> words);
  void start_output();
  Action flush();
  Action advance(SteadyTime now);
  bool on_reply(SteadyTime now);  // false: nothing after it can be trusted
  bool on_envelope_reply(Expect what);
  bool unexpected(SteadyTime now);
  void finish_content(SteadyTime now);
  void lose(std::string_view cause, bool with_reply, SteadyTime now);
  void settle(Transaction& transaction, SteadyTime now);
  bool limit_reached() const;
  bool awaits_answer() const { return !closing_ && expected_front_ < expected_.size(); }
  bool expecting(Expect what) const;

  const Capabilities server_;
  const SessionOptions& options_;
  const Stamps connection_;
  const bool chunking_;

  ReplyParser parser_;
  std::size_t replies_ = 0;
  std::vector<Expect> expected_;  // answers to come, in order, from expected_front_ on
  std::size_t expected_front_ = 0;

  Transaction sending_;   // content sent, answer to come
  Transaction envelope_;  // being offered, or accepted and waiting for leave
  // At most the one whose content was answered and the one whose envelope was refused.
  std::array<Settled, 2> settled_;
  std::size_t settled_count_ = 0;

  std::vector<std::string_view> output_;
  std::string chunk_header_;
  std::string commands_;
  std::size_t end_of_data_at_ = 0;  // offset in output() of the byte that completes the content
  bool content_incomplete_ = false;
  bool rset_needed_ = false;
  bool lone_dot_needed_ = false;
  bool broken_ = false;   // nothing can be written any more
  bool closing_ = false;  // close when everything is settled
  int taken_ = 0;
  ConnectionEnd end_;
};

}  // namespace hongyan::smtp
