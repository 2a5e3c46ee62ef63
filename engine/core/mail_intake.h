#pragma once

#include "engine/config/local.h"
#include "engine/core/late_reports.h"
#include "engine/inbound/reader.h"
#include "engine/inbound/server.h"
#include "metrics/registry.h"

#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::engine {

// What becomes of a mail that comes back: which message it is about, and that it is told there.
//
// clang-format off
// | the mail                                             | answer | what happens                            |
// |------------------------------------------------------|--------|-----------------------------------------|
// | bounce, complaint, wish to leave, of a known message | 250    | taken, once (LateReports)               |
// | the same, Redis away                                 | 451    | nothing is promised; it comes again     |
// | delay, success, auto-reply                           | 250    | nothing                                 |
// | bounce or complaint that shows no message of ours    | 250    | counted: there is nothing to do         |
// | wish to leave that shows none, or an ended one       | 550    | who wrote it is told, and knows         |
// | any other mail                                       | 550    | likewise: nobody would read it; whom a  |
// |                                                      |        | follow-up plan wrote to has answered    |
// | one that is built to exhaust a reader                | 554    |                                         |
// clang-format on
//
// A message is known by a tag that only who was sent it can have: in the address the mail came to,
// in its header, in the return path or the Message-ID of what it returns.
//
// Owner: the engine. Thread: the control thread; mails are read on one of its own, for a storm of
// bounces, or one mail made to cost time, must not hold up the leases of the engine.
class MailIntake {
 public:
  // A person has written an answer to a message.
  using Answered = std::function<async::Task<>(identity::MessageRef)>;

  MailIntake(const config::InboundSettings& settings, LateReports& reports, inbound::Reader reader,
             metrics::Registry& registry, Answered answered);

  inbound::ServerOptions server_options() const;
  inbound::Desk desk();
  inbound::Admission admit(std::string_view address) const;
  // A reply line for each recipient of the mail.
  async::Task<std::vector<std::string>> take(inbound::ReceivedMail mail);

 private:
  struct Order;
  struct Ruling;
  async::Task<inbound::Reading> read(std::string mail);
  std::optional<identity::MessageTag> tag_in(std::string_view address) const;
  std::optional<identity::MessageTag> tag_of_returned(const inbound::Report& report) const;
  Ruling rule(const inbound::Reading& reading, const std::string& recipient) const;
  async::Task<Ruling> carry_out(Ruling ruling);

  const config::InboundSettings& settings_;
  LateReports& reports_;
  inbound::Reader reader_;
  metrics::Registry& registry_;
  Answered answered_;
  async::net::thread_pool reading_{1};
};

}  // namespace hongyan::engine
