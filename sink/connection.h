#pragma once

#include "base/async/event.h"
#include "base/async/task_group.h"
#include "sink/protocol.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hongyan::sink {

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, async::Executor>;

// Carries one conversation between a socket and its Protocol.
//
// Owner: Server, through a shared_ptr that run() and the server's sweep hold. Thread: the server's.
// Cancel: shut() closes the socket, which ends run().
class Connection {
 public:
  Connection(Socket socket, Gate& gate, Book& book, boost::asio::ssl::context& tls,
             std::uint64_t number);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  async::Task<> run();
  void shut();
  SteadyTime last_active() const { return last_active_; }

 private:
  using Step = Protocol::Step;
  struct Late {
    SteadyTime due;
    std::string text;
  };

  async::Task<std::size_t> read();  // 0: the peer is gone
  async::Task<bool> write(std::string_view text);
  async::Task<bool> handshake();
  async::Task<> converse();
  async::Task<> write_late();  // the second task of a connection with latency
  async::Task<bool> send(std::string& out);
  async::Task<> ignore_peer();
  async::Task<> endless_line();

  Socket socket_;
  std::optional<boost::asio::ssl::stream<Socket&>> tls_;
  Gate& gate_;
  Book& book_;
  boost::asio::ssl::context& context_;
  Protocol protocol_;
  SteadyTime last_active_;
  std::vector<char> buffer_;
  std::size_t held_ = 0;  // bytes of buffer_ that wait for more
  std::deque<Late> late_;
  async::Event late_changed_;
  bool closing_ = false;
  async::TaskGroup writer_;
};

}  // namespace hongyan::sink
