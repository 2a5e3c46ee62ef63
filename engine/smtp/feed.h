#pragma once

#include "base/async/task.h"
#include "engine/smtp/outcome.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::smtp {

// One message on its way to one receiver host, as a connection sees it.
//
// Owner: the feed; the connection holds the pointer from next() until it has been settled.
class Delivery {
 public:
  virtual ~Delivery() = default;
  virtual std::string_view sender() const = 0;                            // RFC 5321 reverse-path, no <>
  virtual std::span<const std::string> recipients() const = 0;            // bulk: exactly one
  virtual bool needs_smtputf8() const = 0;
  // Upper bound of the content, for SIZE.
  virtual std::size_t size() const = 0;
  // The content as pieces to be written in turn: CRLF lines, at most 998 bytes, the last one ended,
  // none beginning with a dot, so that it goes unchanged through DATA and BDAT. Called once, when
  // the envelope was accepted; valid until the delivery is settled. Pieces may be shared with
  // other deliveries.
  virtual std::span<const std::string_view> content() = 0;
};

// What a connection asks of the one who feeds it. All calls on the connection's thread.
class Feed {
 public:
  virtual ~Feed() = default;

  // The next delivery for this connection's receiver, or nullptr: nothing now.
  virtual Delivery* next() = 0;

  // One durable step: `settled` is what became of earlier deliveries (their pointers are dead after
  // the call), `to_mark` (may be null) has an accepted envelope and waits for leave to send
  // end-of-data. True: go. False: `to_mark` must not be sent; its pointer is dead too.
  virtual async::Task<bool> commit(std::span<const Settled> settled, Delivery* to_mark) = 0;

  // Waits until next() may have something. False: nothing more will come (or the idle time is
  // over); the connection says QUIT.
  virtual async::Task<bool> wait() = 0;
};

}  // namespace hongyan::smtp
