#include "engine/smtp/session.h"

#include "engine/smtp/opening.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace hongyan::smtp {

Session::Session(const Capabilities& server, const SessionOptions& options,
                 const Stamps& connection)
    : server_(server),
      options_(options),
      connection_(connection),
      chunking_(server.chunking && options.use_chunking) {}

Session::Action Session::on_delivery(Delivery& delivery, SteadyTime now) {
  start_output();
  begin(delivery);
  if (envelope_.decided()) return advance(now);
  queue_envelope();
  return flush();
}

Session::Action Session::on_quit() {
  start_output();
  say(Expect::kQuit, {"QUIT"});
  return flush();
}

Session::Action Session::on_written(SteadyTime now) {
  if (sending_ && sending_.result.stamps.content_sent == SteadyTime{})
    sending_.result.stamps.content_sent = now;
  if (envelope_) envelope_.result.stamps.envelope_sent = now;
  return Action::kRead;
}

Session::Action Session::on_write_failed(std::size_t sent, std::string_view cause) {
  // In doubt as soon as the byte that completes the content may have left; before it, the server
  // cannot take the message as complete.
  content_incomplete_ = sending_ && sent <= end_of_data_at_;
  broken_ = true;
  end_.cause = cause;
  return Action::kRead;
}

Session::Action Session::on_bytes(std::string_view bytes, SteadyTime now) {
  for (;;) {
    const ReplyParser::Status status = parser_.parse(bytes);
    if (status == ReplyParser::Status::kNeedMore) break;
    if (status == ReplyParser::Status::kMalformed) return on_lost("malformed-reply", now);
    ++replies_;
    if (options_.trace != nullptr) trace_reply(*options_.trace, parser_.code(), parser_.lines());
    if (!on_reply(now)) return advance(now);
  }
  return expected_front_ < expected_.size() ? Action::kRead : advance(now);
}

Session::Action Session::on_lost(std::string_view cause, SteadyTime now) {
  if (!expecting(Expect::kQuit)) lose(broken_ ? std::string(end_.cause) : cause, false, now);
  closing_ = true;
  return advance(now);
}

Session::Action Session::on_commit(bool granted, Delivery* overlap, SteadyTime now) {
  Delivery* const marked = to_mark();
  settled_count_ = 0;
  if (marked == nullptr) return awaits_answer() ? Action::kRead : advance(now);
  if (!granted) {
    envelope_.result.delivery = nullptr;
    if (chunking_) {
      rset_needed_ = true;
    } else {
      // The server waits for content and takes nothing else: end-of-data would send the message.
      closing_ = true;
      end_.why = ConnectionEnd::Why::kLeaveRefused;
    }
    return advance(now);
  }
  start_output();
  std::swap(sending_, envelope_);
  envelope_.result.delivery = nullptr;
  sending_.result.stamps.content_sent = {};
  queue_content();
  if (overlap != nullptr) {
    begin(*overlap);
    if (envelope_.decided()) {
      settle(envelope_, now);
    } else {
      queue_envelope();
    }
  }
  return flush();
}

bool Session::on_reply(SteadyTime now) {
  if (parser_.code() == 421) {
    if (expecting(Expect::kContent)) finish_content(now);
    lose("service-closing", true, now);
    return false;
  }
  if (expected_front_ == expected_.size()) return unexpected(now);
  const Expect what = expected_[expected_front_++];
  const int kind = parser_.code() / 100;
  switch (what) {
    case Expect::kContent:
      if (kind == 3 || (kind == 2 && content_incomplete_)) return unexpected(now);
      finish_content(now);
      return true;
    case Expect::kMail:
    case Expect::kRcpt:
    case Expect::kData:
      return on_envelope_reply(what) || unexpected(now);
    case Expect::kRset:
      return kind == 2 || unexpected(now);
    case Expect::kLoneDot:
      return kind != 3 || unexpected(now);
    case Expect::kQuit:
      closing_ = true;
      return false;
  }
  return unexpected(now);
}

// False: not an answer to that command.
bool Session::on_envelope_reply(Expect what) {
  const int kind = parser_.code() / 100;
  switch (what) {
    case Expect::kMail:
      if (kind == 3) return false;
      envelope_.mail_accepted = kind == 2;
      if (kind != 2) envelope_.decide_rest(Stage::kMail, parser_);
      return true;
    case Expect::kRcpt: {
      if (kind == 3) return false;
      if (!envelope_.mail_accepted) return true;
      const auto open = std::ranges::find(envelope_.states, Transaction::Rcpt::kOpen);
      if (kind == 2) {
        *open = Transaction::Rcpt::kAccepted;
      } else {
        envelope_.decide(static_cast<std::size_t>(open - envelope_.states.begin()), Stage::kRcpt,
                         parser_);
      }
      return true;
    }
    default:
      if (kind == 2 || (kind == 3 && parser_.code() != 354)) return false;
      if (kind != 3) {
        envelope_.decide_rest(Stage::kData, parser_);
        return true;
      }
      // RFC 2920 3.1: nobody to send to, and yet content is awaited: an empty one is sent. After a
      // refused MAIL there is no telling to whom that would go.
      if (!envelope_.mail_accepted) return false;
      envelope_.data_accepted = true;
      lone_dot_needed_ = envelope_.decided();
      return true;
  }
}

void Session::finish_content(SteadyTime now) {
  sending_.decide_rest(Stage::kContent, parser_);
  settle(sending_, now);
}

bool Session::unexpected(SteadyTime now) {
  lose("unexpected-reply", true, now);
  return false;
}

// What to do when no answer is awaited.
Session::Action Session::advance(SteadyTime now) {
  if (broken_ && !closing_) lose(std::string(end_.cause), false, now);
  if (!closing_ && lone_dot_needed_) {
    lone_dot_needed_ = false;
    start_output();
    say(Expect::kLoneDot, {"."});
    return flush();
  }
  if (envelope_ && envelope_.decided()) {
    // Content ends a transaction, and so does a refused MAIL; otherwise the server still has it.
    rset_needed_ = envelope_.mail_accepted && !envelope_.data_accepted;
    settle(envelope_, now);
  }
  if (envelope_ && to_mark() == nullptr) {
    start_output();
    queue_envelope();
    return flush();
  }
  if (settled_count_ > 0 || to_mark() != nullptr) return Action::kCommit;
  if (closing_) return Action::kClose;
  if (limit_reached()) {
    end_.why = ConnectionEnd::Why::kMessagesLimit;
    return on_quit();
  }
  return Action::kTakeNext;
}

void Session::lose(std::string_view cause, bool with_reply, SteadyTime now) {
  const ReplyParser* reply = with_reply ? &parser_ : nullptr;
  if (sending_) {
    if (content_incomplete_) {
      sending_.lose_rest(Verdict::kUntried, Stage::kData, cause, reply);
    } else {
      sending_.lose_rest(Verdict::kInDoubt, Stage::kContent, cause, reply);
    }
    settle(sending_, now);
  }
  if (envelope_) {
    const bool asked_all = envelope_.count(Transaction::Rcpt::kOpen) == 0;
    const Stage stage = !envelope_.mail_accepted ? Stage::kMail
                        : asked_all              ? Stage::kData
                                                 : Stage::kRcpt;
    envelope_.lose_rest(Verdict::kUntried, stage, cause, reply);
    settle(envelope_, now);
  }
  expected_front_ = expected_.size();
  closing_ = true;
  end_.why = with_reply && parser_.code() == 421 ? ConnectionEnd::Why::kClosing
                                                 : ConnectionEnd::Why::kLost;
  end_.cause = cause;
  if (with_reply) parser_.copy_to(end_.reply);
}

void Session::settle(Transaction& transaction, SteadyTime now) {
  transaction.result.stamps.answered = now;
  std::swap(settled_[settled_count_++], transaction.result);
  transaction.result.delivery = nullptr;
}

Delivery* Session::to_mark() const {
  const bool waits_for_leave = envelope_ && !closing_ && expected_front_ == expected_.size() &&
                               envelope_.count(Transaction::Rcpt::kAccepted) > 0 &&
                               envelope_.count(Transaction::Rcpt::kOpen) == 0 &&
                               (chunking_ || envelope_.data_accepted);
  return waits_for_leave ? envelope_.result.delivery : nullptr;
}

bool Session::may_overlap() const {
  return server_.pipelining && !limit_reached();
}

bool Session::limit_reached() const {
  return options_.messages_limit > 0 && taken_ >= options_.messages_limit;
}

bool Session::expecting(Expect what) const {
  return expected_front_ < expected_.size() && expected_[expected_front_] == what;
}

Millis Session::time_limit() const {
  const TimeLimits& limits = options_.limits;
  if (broken_ || expected_front_ == expected_.size()) return limits.quit;
  switch (expected_[expected_front_]) {
    case Expect::kContent:
    case Expect::kLoneDot:
      return limits.end_of_data;
    case Expect::kRset:
    case Expect::kMail:
      return limits.mail;
    case Expect::kRcpt:
      return limits.rcpt;
    case Expect::kData:
      return limits.data;
    case Expect::kQuit:
      return limits.quit;
  }
  return limits.quit;
}

}  // namespace hongyan::smtp
