#pragma once

#include "base/async/task.h"
#include "engine/smtp/capabilities.h"
#include "engine/smtp/feed.h"
#include "engine/smtp/opening.h"
#include "engine/smtp/options.h"
#include "engine/smtp/outcome.h"
#include "engine/smtp/session.h"
#include "engine/smtp/transport.h"

#include <expected>
#include <memory>
#include <optional>
#include <string>

namespace hongyan::smtp {

class TlsContexts;

// One address of one receiver host, and how to speak to it.
struct Target {
  Transport::Endpoint endpoint;
  std::string host_name;  // MX or relay, for TLS; the address in digits where there is no name
  SessionOptions options;
};

// One SMTP connection: opened once, then fed with deliveries until the feed or the server ends it.
//
// Owner: a worker's pool, longer than the tasks of open() and run(). Thread: the executor's only.
// Errors: a failed open() is a value; the caller may try the next address with a new Connection.
// Whatever happens in run(), every delivery taken from the feed is settled before it returns.
// Cancel: by cancelling the task; what is on the wire then is settled as untried or in doubt.
class Connection {
 public:
  Connection(async::Executor executor, TlsContexts& tls);
  ~Connection();

  // With TlsMode::kOpportunistic a failed handshake leads to a second connection in clear.
  async::Task<std::expected<void, OpenFailure>> open(Target target);
  async::Task<ConnectionEnd> run(Feed& feed);

  // After open().
  const Capabilities& capabilities() const { return capabilities_; }
  std::string tls_description() const;
  // What was wrong with TLS, although mail may be sent: not offered, refused or failed and then
  // done without, or a certificate that was only judged. Nothing: all went well, or TLS was off.
  const std::optional<OpenFailure>& tls_trouble() const { return tls_trouble_; }

 private:
  async::Task<std::expected<void, OpenFailure>> try_open();
  async::Task<Opening::Action> step(Opening& opening, Opening::Action action, async::Deadline& by);
  async::Task<Session::Action> write(Session& session);
  async::Task<Session::Action> read(Session& session, Feed& feed);
  async::Task<Session::Action> settle_early(Session& session, Feed& feed);
  async::Task<Session::Action> take_next(Session& session, Feed& feed);
  async::Task<Session::Action> commit(Session& session, Feed& feed);
  OpenFailure blame(OpenFailure failure) const;
  void note(std::string_view what) const;

  async::Executor executor_;
  TlsContexts& tls_;
  std::unique_ptr<Transport> transport_;
  Target target_;
  Capabilities capabilities_;
  std::optional<OpenFailure> tls_trouble_;
  Stamps stamps_;
  std::size_t replies_seen_ = 0;
  async::Deadline reply_by_{};
};

}  // namespace hongyan::smtp
