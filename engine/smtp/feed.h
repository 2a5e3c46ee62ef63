#pragma once

#include "base/async/task.h"
#include "engine/smtp/delivery.h"
#include "engine/smtp/outcome.h"

#include <span>

namespace hongyan::smtp {

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
