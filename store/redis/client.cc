#include "store/redis/client.h"

#include "base/async/event.h"
#include "base/log.h"
#include "store/redis/info.h"
#include "store/redis/stream.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <random>
#include <utility>
#include <vector>

namespace hongyan::redis {
namespace {

using async::Task;
namespace net = async::net;

// One attempt: socket, TLS, AUTH, INFO.
constexpr std::chrono::seconds kAttempt{5};
constexpr std::size_t kReadRoom = 64 * 1024;

SteadyTime now() {
  return std::chrono::steady_clock::now();
}

Error away(std::string detail) {
  return {Scope::kProcess, "redis-away", std::move(detail)};
}

}  // namespace

// Held by its tasks as well, so that a Client may die before the loop has run them to their end.
// Therefore they count themselves instead of living in a TaskGroup, which must outlive its tasks;
// closing the socket is what ends them.
struct Client::Impl : std::enable_shared_from_this<Impl> {
  Impl(async::Executor ex, ConnectOptions where)
      : executor(ex),
        options(std::move(where)),
        stream(ex),
        watchdog(ex),
        pause(ex),
        writable(ex),
        session(ex),
        changed(ex) {}

  async::Executor executor;
  ConnectOptions options;
  Stream stream;
  Pipeline pipeline;
  async::Timer watchdog;
  SteadyTime armed = SteadyTime::max();
  async::Timer pause;
  async::Event writable;
  async::Event session;  // a reader or writer ended
  async::Event changed;  // state that connect() and close() wait for
  bool started = false, closing = false, ready = false, writer_waits = false;
  bool broken = true;  // this session's socket is of no more use
  int tasks = 0, session_tasks = 0;
  std::uint64_t epoch = 0, attempts = 0;
  std::string run_id, version;
  Error last_error;
  std::vector<OnConnected> listeners;

  void spawn(Task<> task) {
    ++tasks;
    net::co_spawn(executor, std::move(task),
                  [self = shared_from_this()](const std::exception_ptr& escaped) {
                    if (escaped) log::panic("task-escaped", {{"group", "redis"}});
                    --self->tasks;
                    self->changed.notify_all();
                  });
  }
  void stop() {
    closing = true;
    ready = false;
    break_session();
    pause.cancel();
    changed.notify_all();
  }
  void break_session() {
    broken = true;
    ready = false;
    stream.close();
    writable.notify_all();
    session.notify_all();
  }

  void enqueue(const Command& command, SteadyTime deadline, Handler handler) {
    pipeline.push(command, now(), deadline, std::move(handler));
    if (std::exchange(writer_waits, false)) writable.notify_all();
    watch(deadline);
  }
  // One timer for all calls: it wakes at the earliest deadline it ever saw, looks, sleeps again.
  void watch(SteadyTime at) {
    if (at >= armed) return;
    armed = at;
    watchdog.expires_at(at);
    watchdog.async_wait([weak = weak_from_this()](boost::system::error_code ec) {
      if (const auto self = weak.lock(); self && !ec) self->look();
    });
  }
  void look() {
    armed = SteadyTime::max();
    const SteadyTime next = pipeline.expire(now());
    if (pipeline.is_dead(now())) return break_session();
    watch(next);
  }

  static Task<Result<Reply>> ask(std::shared_ptr<Impl> self, Command command, SteadyTime deadline);
  static Task<> run(std::shared_ptr<Impl> self);
  static Task<> read_loop(std::shared_ptr<Impl> self);
  static Task<> write_loop(std::shared_ptr<Impl> self);
  static Task<Result<void>> greet(std::shared_ptr<Impl> self, SteadyTime deadline);
  static Task<> serve_session(std::shared_ptr<Impl> self);
};

// Suspends the caller and hands the way to resume it to `start`.
template <class Start>
static Task<Result<Reply>> suspend(Start start) {
  return net::async_initiate<const net::use_awaitable_t<async::Executor>, void(Result<Reply>)>(
      [start = std::move(start)](auto&& handler) mutable {
        start(Client::Handler(std::forward<decltype(handler)>(handler)));
      },
      async::kAwait);
}

Task<Result<Reply>> Client::Impl::ask(std::shared_ptr<Impl> self, Command command,
                                      SteadyTime deadline) {
  return suspend([self = std::move(self), command = std::move(command), deadline](Handler handler) {
    self->enqueue(command, deadline, std::move(handler));
  });
}

Task<> Client::Impl::read_loop(std::shared_ptr<Impl> self) {
  std::vector<char> room(kReadRoom);
  while (!self->broken) {
    const auto got = co_await self->stream.read_some(room.data(), room.size());
    Result<void> fed;
    if (!got)
      fed = std::unexpected(got.error());
    else
      fed = self->pipeline.feed({room.data(), *got}, now());
    if (fed) continue;
    if (!self->broken) self->last_error = fed.error();
    self->break_session();
  }
  --self->session_tasks;
  self->session.notify_all();
}

Task<> Client::Impl::write_loop(std::shared_ptr<Impl> self) {
  std::string out;
  while (!self->broken) {
    if (!self->pipeline.has_output()) {
      self->writer_waits = true;
      co_await self->writable.wait();
      continue;
    }
    self->pipeline.take_output(out);
    if (const auto written = co_await self->stream.write(out); !written) {
      if (!self->broken) self->last_error = written.error();
      self->break_session();
    }
    // One huge burst must not pin its size for ever.
    if (out.capacity() > 16 * kReadRoom) std::string().swap(out);
  }
  --self->session_tasks;
  self->session.notify_all();
}

// AUTH, SELECT, CLIENT SETNAME and INFO in one flight.
Task<Result<void>> Client::Impl::greet(std::shared_ptr<Impl> self, SteadyTime deadline) {
  const ConnectOptions& where = self->options;
  if (!where.password.empty()) {
    Command auth("AUTH");
    if (!where.user.empty()) auth.arg(where.user);
    auto reply = co_await ask(self, std::move(auth.arg(where.password)), deadline);
    if (!reply) co_return std::unexpected(std::move(reply.error()));
    if (reply->is_error())
      co_return fail(Scope::kProcess, "redis-denied", std::string(reply->text()));
  }
  if (where.db != 0) {
    auto reply = co_await ask(self, Command("SELECT").arg(where.db), deadline);
    if (!reply) co_return std::unexpected(std::move(reply.error()));
    if (reply->is_error())
      co_return fail(Scope::kProcess, "redis-denied", "SELECT: " + std::string(reply->text()));
  }
  // Its refusal (an ACL) does no harm.
  auto named =
      co_await ask(self, Command("CLIENT").arg("SETNAME").arg(where.client_name), deadline);
  if (!named) co_return std::unexpected(std::move(named.error()));
  auto info = co_await ask(self, Command("INFO"), deadline);
  if (!info) co_return std::unexpected(std::move(info.error()));
  if (info->error_code() == "NOAUTH")
    co_return fail(Scope::kProcess, "redis-denied", std::string(info->text()));
  if (info->error_code() == "LOADING") co_return std::unexpected(away("Redis is loading its data"));
  const Info facts(info->text());
  if (facts.get("loading") == "1") co_return std::unexpected(away("Redis is loading its data"));
  self->run_id = facts.get("run_id");
  self->version = facts.get("redis_version");
  co_return Result<void>();
}

// From an open socket until it is of no more use and both loops have ended.
Task<> Client::Impl::serve_session(std::shared_ptr<Impl> self) {
  self->broken = false;
  self->session_tasks = 2;
  self->spawn(read_loop(self));
  self->spawn(write_loop(self));
  if (const auto greeted = co_await greet(self, now() + kAttempt); !greeted) {
    // A lost connection left its own reason already.
    if (!self->broken) self->last_error = greeted.error();
    self->break_session();
  } else if (!self->broken) {
    self->ready = true;
    ++self->epoch;
    self->attempts = 0;
    self->last_error = {};
    for (std::size_t i = 0; i < self->listeners.size(); ++i)
      self->listeners[i](self->run_id, self->epoch);
    self->changed.notify_all();
  }
  while (!self->broken || self->session_tasks > 0) co_await self->session.wait();
}

Task<> Client::Impl::run(std::shared_ptr<Impl> self) {
  std::minstd_rand random(std::random_device{}());
  while (!self->closing) {
    const auto opened = co_await self->stream.open(self->options, {now() + kAttempt});
    if (!opened) self->last_error = opened.error();
    if (opened && !self->closing) co_await serve_session(self);
    self->pipeline.fail_all({Scope::kProcess, "redis-lost",
                             self->closing ? "the client was closed" : self->last_error.detail});
    if (self->closing) break;
    ++self->attempts;
    self->changed.notify_all();
    const auto full = std::min<std::int64_t>(self->options.backoff_min.count()
                                                 << std::min<std::uint64_t>(self->attempts - 1, 10),
                                             self->options.backoff_max.count());
    const std::int64_t half = std::max<std::int64_t>(full / 2, 1);
    const std::int64_t wait = half + static_cast<std::int64_t>(random()) % (full - half + 1);
    self->pause.expires_after(std::chrono::milliseconds(wait));
    auto [ec] = co_await self->pause.async_wait(async::kTuple);
    (void)ec;
  }
  self->stream.close();
}

Client::Client(async::Executor executor, ConnectOptions options)
    : impl_(std::make_shared<Impl>(executor, std::move(options))) {}

Client::~Client() {
  impl_->stop();
}

Task<Result<void>> Client::connect(async::Deadline deadline) {
  const std::shared_ptr<Impl> self = impl_;
  if (!std::exchange(self->started, true)) self->spawn(Impl::run(self));
  const std::uint64_t epoch = self->epoch;
  async::Timer timer(self->executor, deadline.at);
  timer.async_wait([self](boost::system::error_code ec) {
    if (!ec) self->changed.notify_all();
  });
  while (!self->ready && self->epoch == epoch && !self->closing && now() < deadline.at &&
         self->last_error.code != "redis-denied")
    co_await self->changed.wait();
  if (self->ready || self->epoch != epoch) co_return Result<void>();
  if (self->closing) co_return std::unexpected(away("the client was closed"));
  if (self->last_error.code == "redis-denied") co_return std::unexpected(self->last_error);
  co_return std::unexpected(
      away(self->last_error.detail.empty() ? "no connection in time" : self->last_error.detail));
}

Task<bool> Client::wait_connected(async::Deadline deadline) {
  const std::shared_ptr<Impl> self = impl_;
  async::Timer timer(self->executor, deadline.at);
  timer.async_wait([self](boost::system::error_code ec) {
    if (!ec) self->changed.notify_all();
  });
  while (!self->ready && !self->closing && now() < deadline.at) co_await self->changed.wait();
  co_return self->ready;
}

Task<> Client::close() {
  const std::shared_ptr<Impl> self = impl_;
  self->stop();
  while (self->tasks > 0) co_await self->changed.wait();
}

void Client::submit(const Command& command, async::Deadline deadline, Handler handler) {
  if (impl_->ready) return impl_->enqueue(command, deadline.at, std::move(handler));
  net::post(impl_->executor,
            [error = away(impl_->last_error.detail), handler = std::move(handler)]() mutable {
              handler(std::unexpected(std::move(error)));
            });
}

Task<Result<Reply>> Client::call(Command command, async::Deadline deadline) {
  return suspend([this, command = std::move(command), deadline](Handler handler) {
    submit(command, deadline, std::move(handler));
  });
}

bool Client::connected() const {
  return impl_->ready;
}
std::uint64_t Client::epoch() const {
  return impl_->epoch;
}
std::string_view Client::run_id() const {
  return impl_->run_id;
}
std::string_view Client::version() const {
  return impl_->version;
}
const Error& Client::last_error() const {
  return impl_->last_error;
}
const ConnectOptions& Client::options() const {
  return impl_->options;
}
const PipelineStats& Client::stats() const {
  return impl_->pipeline.stats();
}
std::uint64_t Client::reconnects() const {
  return impl_->epoch > 0 ? impl_->epoch - 1 : 0;
}
std::size_t Client::outstanding() const {
  return impl_->pipeline.outstanding();
}
void Client::on_connected(OnConnected callback) {
  impl_->listeners.push_back(std::move(callback));
}

}  // namespace hongyan::redis
