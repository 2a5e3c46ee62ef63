// A server that says anything: every delivery taken is settled exactly once, and content is
// rendered only after leave.
#include "engine/smtp/session.h"

#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace hongyan::smtp;  // NOLINT(google-build-using-namespace): one file, one subject

class FuzzDelivery final : public Delivery {
 public:
  std::string_view sender() const override { return "f@x"; }
  std::span<const std::string> recipients() const override { return rcpts_; }
  bool needs_smtputf8() const override { return false; }
  std::size_t size() const override { return 4; }
  std::span<const std::string_view> content() override {
    if (!granted) std::abort();
    return pieces_;
  }
  bool granted = false;

 private:
  std::vector<std::string> rcpts_{"a@x", "b@x"};
  std::vector<std::string_view> pieces_{"hi\r\n"};
};

class Driver {
 public:
  Driver(const Capabilities& server, bool refuse_some, bool settle_early)
      : session_(server, options_, {}), refuse_some_(refuse_some), settle_early_(settle_early) {}

  // False: closed.
  bool settle_down() {
    for (;;) {
      switch (action_) {
        case Session::Action::kTakeNext:
          action_ =
              next_ < deliveries_.size() ? session_.on_delivery(*take(), {}) : session_.on_quit();
          break;
        case Session::Action::kCommit:
          commit();
          break;
        case Session::Action::kWrite:
          action_ = session_.on_written({});
          break;
        case Session::Action::kRead:
          if (!settle_early_ || !session_.has_early_outcome()) return true;
          commit();
          break;
        case Session::Action::kClose:
          if (!taken_.empty()) std::abort();
          return false;
      }
    }
  }
  void receive(std::string_view bytes) { action_ = session_.on_bytes(bytes, {}); }
  void lose() { action_ = session_.on_lost("closed-by-peer", {}); }

 private:
  FuzzDelivery* take() {
    FuzzDelivery* delivery = &deliveries_[next_++];
    taken_.insert(delivery);
    return delivery;
  }
  void commit() {
    for (const Settled& one : session_.settled()) {
      if (taken_.erase(one.delivery) != 1) std::abort();
      if (one.recipients.size() != 2) std::abort();
    }
    Delivery* const marked = session_.to_mark();
    const bool granted = !refuse_some_ || ++commits_ % 3 != 0;
    if (marked != nullptr && !granted && taken_.erase(marked) != 1) std::abort();
    if (marked != nullptr && granted) static_cast<FuzzDelivery*>(marked)->granted = true;
    const bool overlap = marked != nullptr && granted && session_.may_overlap();
    action_ =
        session_.on_commit(granted, overlap && next_ < deliveries_.size() ? take() : nullptr, {});
  }

  SessionOptions options_;
  Session session_;
  Session::Action action_ = Session::Action::kTakeNext;
  const bool refuse_some_;
  const bool settle_early_;
  int commits_ = 0;
  std::vector<FuzzDelivery> deliveries_{8};
  std::size_t next_ = 0;
  std::set<Delivery*> taken_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const unsigned flags = data[0];
  Driver driver(Capabilities{.pipelining = (flags & 1) != 0, .chunking = (flags & 2) != 0},
                (flags & 4) != 0, (flags & 8) != 0);
  std::string text(data + 2, data + size);
  std::string_view rest = text;
  const std::size_t cut = 1 + data[1];
  while (driver.settle_down()) {
    if (rest.empty()) {
      driver.lose();
      continue;
    }
    const std::string_view piece = rest.substr(0, cut);
    rest.remove_prefix(piece.size());
    driver.receive(piece);
  }
  return 0;
}
