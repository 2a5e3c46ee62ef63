#include "sink/connection.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <cstring>

namespace hongyan::sink {
namespace {
namespace net = boost::asio;
using async::kTuple;
using boost::system::error_code;

constexpr std::size_t kBuffer = 64 * 1024;  // more than the longest line the protocol holds
constexpr std::size_t kMostLate = 4096;     // replies on their way; more: stop reading
constexpr int kEndlessChunks = 1024;        // of 64 KiB, then the joke is over

std::string peer_of(const Socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  return error ? std::string() : endpoint.address().to_string();
}
}  // namespace

Connection::Connection(Socket socket, Gate& gate, Book& book, net::ssl::context& tls,
                       std::uint64_t number)
    : socket_(std::move(socket)),
      gate_(gate),
      book_(book),
      context_(tls),
      protocol_(gate, book, number, peer_of(socket_)),
      last_active_(std::chrono::steady_clock::now()),
      buffer_(kBuffer),
      late_changed_(socket_.get_executor()),
      writer_(socket_.get_executor(), "sink-late") {
  ++gate_.open;
  ++book_.statistics().open;
  ++book_.statistics().connections;
}

Connection::~Connection() {
  --gate_.open;
  --book_.statistics().open;
}

void Connection::shut() {
  error_code ignored;
  socket_.close(ignored);
  closing_ = true;
  late_changed_.notify_all();
  writer_.cancel();
}

async::Task<std::size_t> Connection::read() {
  const auto room = net::buffer(buffer_.data() + held_, buffer_.size() - held_);
  error_code error;
  std::size_t n = 0;
  if (tls_)
    std::tie(error, n) = co_await tls_->async_read_some(room, kTuple);
  else
    std::tie(error, n) = co_await socket_.async_read_some(room, kTuple);
  last_active_ = std::chrono::steady_clock::now();
  co_return error ? 0 : n;
}

async::Task<bool> Connection::write(std::string_view text) {
  error_code error;
  std::size_t n = 0;
  if (tls_) {
    std::tie(error, n) = co_await net::async_write(*tls_, net::buffer(text), kTuple);
    co_return !error;
  }
  // Nearly always the socket takes it at once; asking first spares a turn of the loop.
  n = socket_.write_some(net::buffer(text), error);
  if (error == net::error::would_block) error = {};
  if (!error && n < text.size())
    std::tie(error, n) = co_await net::async_write(socket_, net::buffer(text.substr(n)), kTuple);
  co_return !error;
}

async::Task<bool> Connection::handshake() {
  tls_.emplace(socket_, context_);
  auto [error] = co_await tls_->async_handshake(net::ssl::stream_base::server, kTuple);
  if (error) co_return false;
  held_ = 0;  // nothing sent before the handshake survives it
  ++book_.statistics().tls;
  book_.statistics().tls_resumed += SSL_session_reused(tls_->native_handle()) == 1;
  protocol_.tls_started();
  co_return true;
}

// What the book took is in its log before the peer can learn of it.
async::Task<bool> Connection::send(std::string& out) {
  book_.flush();
  if (out.empty()) co_return true;
  if (gate_.profile.latency.count() == 0) {
    const bool written = co_await write(out);
    out.clear();
    co_return written;
  }
  while (late_.size() >= kMostLate && !closing_) co_await late_changed_.wait();
  late_.push_back({std::chrono::steady_clock::now() + gate_.profile.latency, std::move(out)});
  out.clear();
  late_changed_.notify_all();
  co_return !closing_;
}

async::Task<> Connection::write_late() {
  while (!closing_ || !late_.empty()) {
    if (late_.empty()) {
      co_await late_changed_.wait();
      continue;
    }
    co_await async::sleep_until(late_.front().due);
    const std::string text = std::move(late_.front().text);
    const bool written = !writer_.stopping() && co_await write(text);
    if (written) {
      late_.pop_front();  // only now: whoever waits for an empty queue may write next
    } else {
      late_.clear();
      shut();
    }
    late_changed_.notify_all();
  }
}

async::Task<> Connection::run() {
  error_code ignored;
  socket_.set_option(net::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  if (gate_.profile.latency.count() != 0) writer_.spawn(write_late());
  co_await converse();
  closing_ = true;
  late_changed_.notify_all();
  co_await writer_.join();  // replies on their way still arrive
  if (socket_.is_open()) {
    // Unread input would turn the close into a reset, which takes the last reply away.
    socket_.shutdown(net::ip::tcp::socket::shutdown_send, ignored);
    for (int i = 0; i < 16; ++i)
      if (socket_.read_some(net::buffer(buffer_), ignored) == 0 || ignored) break;
  }
  socket_.close(ignored);
}

async::Task<> Connection::converse() {
  std::string out;
  Step step = protocol_.greet(out);
  for (;;) {
    if (!co_await send(out)) co_return;
    switch (step) {
      case Step::kRead:
        break;
      case Step::kStartTls:
        while (!late_.empty() && !closing_) co_await late_changed_.wait();
        if (!co_await handshake()) co_return;
        break;
      case Step::kClose:
        co_return;
      case Step::kStall:
        co_await ignore_peer();
        co_return;
      case Step::kEndless:
        while (!late_.empty() && !closing_) co_await late_changed_.wait();
        co_await endless_line();
        co_return;
    }
    const auto n = co_await read();
    if (n == 0) co_return;
    std::string_view input(buffer_.data(), held_ + n);
    step = protocol_.feed(input, out, last_active_);
    held_ = input.size();
    if (held_ != 0) std::memmove(buffer_.data(), input.data(), held_);
  }
}

async::Task<> Connection::ignore_peer() {
  const auto since = last_active_;
  held_ = 0;
  while (co_await read() != 0) last_active_ = since;  // so that the sweep ends it at last
}

async::Task<> Connection::endless_line() {
  const std::string filler(kBuffer, 'x');
  if (!co_await write("250-")) co_return;
  for (int i = 0; i < kEndlessChunks; ++i)
    if (!co_await write(filler)) co_return;
}

}  // namespace hongyan::sink
