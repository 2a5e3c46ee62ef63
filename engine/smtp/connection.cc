#include "engine/smtp/connection.h"

#include "engine/smtp/tls.h"

#include <boost/asio/cancellation_state.hpp>

#include <utility>

namespace hongyan::smtp {
namespace {

namespace net = async::net;
using async::Deadline;
using Opened = std::expected<void, OpenFailure>;

SteadyTime now() {
  return std::chrono::steady_clock::now();
}

async::Task<bool> cancelled() {
  const auto state = co_await net::this_coro::cancellation_state;
  co_return state.cancelled() != net::cancellation_type::none;
}

// Whether a server that is otherwise willing broke off, fell silent or spoke out of turn when it
// came to TLS. Bytes instead of a handshake may come with the answer to STARTTLS or a moment later:
// chance must not decide what becomes of the message.
bool tls_failed(const OpenFailure& failure) {
  if (failure.stage != Stage::kStartTls || failure.reply.code != 0) return false;
  return failure.cause == "tls-handshake" || failure.cause == "starttls-injection" ||
         failure.cause == "timeout" || failure.cause == "closed-by-peer" ||
         failure.cause == "reset-by-peer";
}

constexpr std::size_t kBlock = 65536;

}  // namespace

Connection::Connection(async::Executor executor, TlsContexts& tls)
    : executor_(executor), tls_(tls) {}
Connection::~Connection() = default;

void Connection::note(std::string_view what) const {
  if (target_.options.trace != nullptr) target_.options.trace->note(what);
}

std::string Connection::tls_description() const {
  return transport_->tls_description();
}

async::Task<Opened> Connection::open(Target target) {
  co_await net::this_coro::throw_if_cancelled(false);
  target_ = std::move(target);
  stamps_.connect_started = now();
  if (target_.options.tls == TlsMode::kVerified && target_.host_name.empty()) {
    co_return std::unexpected(OpenFailure{
        Stage::kStartTls, {}, "tls-unverified", "there is no host name to verify against"});
  }
  Opened opened = co_await try_open();
  if (!opened && target_.options.tls == TlsMode::kOpportunistic && tls_failed(opened.error())) {
    tls_trouble_ = opened.error();
    note("TLS failed (" + opened.error().cause + "), once more in clear");
    target_.options.tls = TlsMode::kOff;
    opened = co_await try_open();
  }
  if (!opened) transport_->close();
  stamps_.ready = now();
  co_return opened;
}

async::Task<Opened> Connection::try_open() {
  const TimeLimits& limits = target_.options.limits;
  transport_ = std::make_unique<Transport>(executor_);
  const auto connected =
      co_await transport_->connect(target_.endpoint, Deadline::in(limits.connect));
  if (!connected.cause.empty()) {
    co_return std::unexpected(
        OpenFailure{Stage::kConnect, {}, std::string(connected.cause), connected.detail});
  }
  note((target_.endpoint.proxy ? "connected to the proxy, which connects to " : "connected to ") +
       target_.endpoint.address.to_string() + " port " + std::to_string(target_.endpoint.port));
  Opening opening(target_.options);
  Opening::Action action = opening.start();
  Deadline by = Deadline::in(opening.time_limit());
  while (action != Opening::Action::kReady && action != Opening::Action::kFailed)
    action = co_await step(opening, action, by);
  if (action == Opening::Action::kFailed) co_return std::unexpected(blame(opening.failure()));
  capabilities_ = opening.capabilities();
  if (target_.options.tls == TlsMode::kOpportunistic && transport_->tls_description().empty())
    tls_trouble_ = OpenFailure{
        Stage::kStartTls, {}, capabilities_.starttls ? "tls-refused" : "tls-not-offered", ""};
  co_return Opened{};
}

// Through a proxy nothing tells why nothing comes: the proxy may be unable to use the address, or
// the receiver may be away.
OpenFailure Connection::blame(OpenFailure failure) const {
  const bool broke_off = failure.reply.code == 0 && failure.cause != "cancelled";
  if (!target_.endpoint.proxy || !broke_off || transport_->heard_anything()) return failure;
  return {Stage::kConnect, {}, "proxy-silent", failure.cause + " before any byte came through"};
}

// `by` holds for the whole answer, however many pieces it comes in.
async::Task<Opening::Action> Connection::step(Opening& opening, Opening::Action action,
                                              Deadline& by) {
  if (action == Opening::Action::kRead) {
    const auto received = co_await transport_->read(by);
    if (!received.cause.empty()) co_return opening.on_failure(received.cause);
    co_return opening.on_bytes(received.bytes);
  }
  by = Deadline::in(opening.time_limit());
  if (action == Opening::Action::kWrite) {
    const std::string_view line = opening.output();
    const auto sent = co_await transport_->write({&line, 1}, by);
    if (!sent.cause.empty()) co_return opening.on_failure(sent.cause);
    co_return Opening::Action::kRead;
  }
  const auto shaken = co_await transport_->handshake(
      tls_, target_.options.tls, target_.options.judge_certificate, target_.options.tlsa,
      target_.host_name, target_.endpoint.port, by);
  if (!shaken.cause.empty())
    co_return opening.on_failure(shaken.cause, shaken.detail, shaken.certificate);
  if (shaken.certificate != CertificateFault::kNone)
    tls_trouble_ =
        OpenFailure{Stage::kStartTls, {}, "tls-unverified", shaken.detail, shaken.certificate};
  note(transport_->tls_description());
  co_return opening.on_tls();
}

async::Task<ConnectionEnd> Connection::run(Feed& feed) {
  co_await net::this_coro::throw_if_cancelled(false);
  Session session(capabilities_, target_.options, stamps_);
  replies_seen_ = 0;
  Session::Action action = Session::Action::kTakeNext;
  while (action != Session::Action::kClose) {
    switch (action) {
      case Session::Action::kWrite:
        action = co_await write(session);
        break;
      case Session::Action::kRead:
        action = co_await read(session, feed);
        break;
      case Session::Action::kTakeNext:
        action = co_await take_next(session, feed);
        break;
      case Session::Action::kCommit:
        action = co_await commit(session, feed);
        break;
      case Session::Action::kClose:
        break;
    }
  }
  transport_->close();
  note("closed");
  co_return session.end();
}

async::Task<Session::Action> Connection::write(Session& session) {
  std::size_t size = 0;
  for (const std::string_view piece : session.output()) size += piece.size();
  const auto blocks = static_cast<int>(1 + size / kBlock);
  const auto sent = co_await transport_->write(session.output(),
                                               Deadline::in(target_.options.limits.block * blocks));
  const Session::Action action = sent.cause.empty()
                                     ? session.on_written(now())
                                     : session.on_write_failed(sent.bytes, sent.cause);
  reply_by_ = Deadline::in(session.time_limit());
  co_return action;
}

async::Task<Session::Action> Connection::read(Session& session, Feed& feed) {
  Transport::Received received;
  if (session.has_early_outcome()) {
    // Replies that are here already share the next mark's commit; the outcome waits for no others.
    received = transport_->read_now();
    if (received.cause.empty() && received.bytes.empty())
      co_return co_await settle_early(session, feed);
  } else {
    received = co_await transport_->read(reply_by_);
  }
  const SteadyTime at = now();
  if (!received.cause.empty()) co_return session.on_lost(received.cause, at);
  const Session::Action action = session.on_bytes(received.bytes, at);
  if (session.replies() != replies_seen_) {
    replies_seen_ = session.replies();
    reply_by_ = {at + session.time_limit()};
  }
  co_return action;
}

async::Task<Session::Action> Connection::settle_early(Session& session, Feed& feed) {
  const SteadyTime started = now();
  const Session::Action action = co_await commit(session, feed);
  // The server is not to blame for the time that the store took.
  reply_by_.at += now() - started;
  co_return action;
}

async::Task<Session::Action> Connection::take_next(Session& session, Feed& feed) {
  if (Delivery* delivery = feed.next()) co_return session.on_delivery(*delivery, now());
  if (!co_await feed.wait()) co_return session.on_quit();
  // Servers give up idle connections; a delivery is not to be spent on finding that out.
  const auto received = transport_->read_now();
  if (!received.cause.empty()) co_return session.on_lost(received.cause, now());
  if (!received.bytes.empty()) co_return session.on_bytes(received.bytes, now());
  co_return Session::Action::kTakeNext;
}

async::Task<Session::Action> Connection::commit(Session& session, Feed& feed) {
  Delivery* const to_mark = session.to_mark();
  const bool granted = co_await feed.commit(session.settled(), to_mark);
  const bool stop = co_await cancelled();
  const bool overlap = granted && !stop && to_mark != nullptr && session.may_overlap();
  const Session::Action action = session.on_commit(granted, overlap ? feed.next() : nullptr, now());
  if (!stop || action == Session::Action::kCommit || action == Session::Action::kClose)
    co_return action;
  session.on_write_failed(0, "cancelled");
  co_return session.on_lost("cancelled", now());
}

}  // namespace hongyan::smtp
