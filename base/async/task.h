#pragma once

#include "base/clock.h"
#include "base/error.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hongyan::async {

namespace net = boost::asio;

// The concrete executor: cheaper than any_io_executor and quiet under TSan.
using Executor = net::io_context::executor_type;
template <class T = void>
using Task = net::awaitable<T, Executor>;

inline constexpr net::use_awaitable_t<Executor> kAwait{};
// Errors and cancellation arrive as values: auto [ec, n] = co_await socket.async_read_some(b,
// kTuple)
inline constexpr net::as_tuple_t<net::use_awaitable_t<Executor>> kTuple{};

using Timer = net::basic_waitable_timer<std::chrono::steady_clock,
                                        net::wait_traits<std::chrono::steady_clock>, Executor>;

// An absolute point after which an operation has failed. There is no default on purpose.
struct Deadline {
  SteadyTime at;
  static Deadline in(std::chrono::nanoseconds from_now) {
    return {std::chrono::steady_clock::now() +
            std::chrono::duration_cast<std::chrono::steady_clock::duration>(from_now)};
  }
};

// Returns early, without error, when the task is cancelled: loops ask stopping() afterwards.
inline Task<> sleep_until(SteadyTime at) {
  Timer timer(co_await net::this_coro::executor, at);
  auto [ec] = co_await timer.async_wait(kTuple);
  (void)ec;
}
inline Task<> sleep_for(std::chrono::nanoseconds span) {
  co_await sleep_until(Deadline::in(span).at);
}

}  // namespace hongyan::async
