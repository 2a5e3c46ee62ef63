#include "sink/server.h"

#include "base/log.h"
#include "sink/certificate.h"
#include "sink/connection.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include <fstream>
#include <future>
#include <list>
#include <sstream>
#include <thread>
#include <utility>

namespace hongyan::sink {
namespace net = boost::asio;
using async::kTuple;
using boost::system::error_code;
using Acceptor = net::basic_socket_acceptor<net::ip::tcp, async::Executor>;

namespace {
Result<std::string> load_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || text.view().empty())
    return fail(Scope::kProcess, "tls-setup", path + ": cannot be read or is empty");
  return std::move(text).str();
}
}  // namespace

// Declared so that the tasks, which use everything, end first.
class Server::Impl {
 public:
  Impl() : tls_(net::ssl::context::tls_server), tasks_(io_.get_executor(), "sink") {}

  Result<void> open(const Options& options) {
    auto book = Book::open(options.book);
    if (!book) return std::unexpected(book.error());
    book_ = std::move(*book);
    idle_timeout_ = options.idle_timeout;
    if (auto ready = set_up_tls(options); !ready) return ready;
    for (const Listener& listener : options.listeners)
      if (auto ready = listen(listener); !ready) return ready;
    return {};
  }

  void go() {
    for (Door& door : doors_) tasks_.spawn(accept(&door));
    tasks_.spawn(sweep());
    thread_ = std::thread([this] { io_.run(); });
  }

  void stop() {
    if (!thread_.joinable()) return;
    net::post(io_, [this] {
      error_code ignored;
      for (Door& door : doors_) door.acceptor.close(ignored);
      tasks_.cancel();
      for (auto& weak : connections_)
        if (auto connection = weak.lock()) connection->shut();
    });
    thread_.join();  // the loop runs dry
    book_->flush();
  }

  // Runs `read` where the book lives.
  template <class Read>
  auto ask(Read read) -> decltype(read(std::declval<Book&>())) {
    if (!thread_.joinable()) return read(*book_);
    std::promise<decltype(read(*book_))> answer;
    net::post(io_, [&] { answer.set_value(read(*book_)); });
    return answer.get_future().get();
  }

  std::vector<Endpoint> endpoints;
  std::string certificate_pem;

 private:
  struct Door {
    Acceptor acceptor;
    Gate gate;
  };

  Result<void> set_up_tls(const Options& options) {
    Certificate certificate;
    if (options.cert_file.empty()) {
      auto made = make_certificate(options.listeners.empty() ? Profile{}.host
                                                             : options.listeners[0].profile.host);
      if (!made) return std::unexpected(made.error());
      certificate = std::move(*made);
    } else {
      auto chain = load_file(options.cert_file);
      if (!chain) return std::unexpected(chain.error());
      auto key = load_file(options.key_file);
      if (!key) return std::unexpected(key.error());
      certificate = {std::move(*chain), std::move(*key)};
    }
    error_code chain_error;
    error_code key_error;
    tls_.use_certificate_chain(net::buffer(certificate.chain_pem), chain_error);
    tls_.use_private_key(net::buffer(certificate.key_pem), net::ssl::context::pem, key_error);
    if (chain_error || key_error)
      return fail(Scope::kProcess, "tls-setup",
                  chain_error ? options.cert_file + ": " + chain_error.message()
                              : options.key_file + ": " + key_error.message());
    static constexpr unsigned char kSessionContext[] = "hongyan-sink";
    SSL_CTX_set_session_id_context(tls_.native_handle(), kSessionContext, sizeof kSessionContext);
    certificate_pem = std::move(certificate.chain_pem);
    return {};
  }

  Result<void> listen(const Listener& listener) {
    error_code error;
    const auto address = net::ip::make_address(listener.address, error);
    if (error)
      return fail(Scope::kProcess, "bad-address",
                  listener.address + " is no IP address; names are not looked up");
    const net::ip::tcp::endpoint wanted(address, listener.port);
    Acceptor acceptor(io_.get_executor());
    acceptor.open(wanted.protocol(), error);
    if (!error) acceptor.set_option(Acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(wanted, error);
    if (!error) acceptor.listen(net::socket_base::max_listen_connections, error);
    if (error)
      return fail(Scope::kProcess, "listen-failed",
                  listener.address + ':' + std::to_string(listener.port) + ": " + error.message());
    endpoints.push_back({listener.address, acceptor.local_endpoint().port()});
    doors_.push_back(Door{std::move(acceptor), Gate(listener.profile)});
    return {};
  }

  async::Task<> accept(Door* door) {
    while (!tasks_.stopping()) {
      Socket socket(io_.get_executor());
      auto [error] = co_await door->acceptor.async_accept(socket, kTuple);
      if (tasks_.stopping()) break;
      if (error) {  // out of descriptors: wait for some to come back
        log::warning("sink-accept", {{"reason", error.message()}});
        co_await async::sleep_for(Millis(100));
        continue;
      }
      auto connection = std::make_shared<Connection>(std::move(socket), door->gate, *book_, tls_,
                                                     ++connection_number_);
      connections_.push_back(connection);
      tasks_.spawn(serve(std::move(connection)));
    }
  }

  static async::Task<> serve(std::shared_ptr<Connection> connection) { co_await connection->run(); }

  async::Task<> sweep() {
    while (!tasks_.stopping()) {
      co_await async::sleep_for(std::min<Millis>(Millis(1000), idle_timeout_));
      const auto oldest = std::chrono::steady_clock::now() - idle_timeout_;
      std::erase_if(connections_, [](const auto& weak) { return weak.expired(); });
      for (auto& weak : connections_)
        if (auto connection = weak.lock(); connection && connection->last_active() < oldest)
          connection->shut();
    }
  }

  net::io_context io_{1};
  net::ssl::context tls_;
  std::unique_ptr<Book> book_;
  Millis idle_timeout_{0};
  std::list<Door> doors_;
  std::uint64_t connection_number_ = 0;
  std::list<std::weak_ptr<Connection>> connections_;
  async::TaskGroup tasks_;
  std::thread thread_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() {
  stop();
}

Result<std::unique_ptr<Server>> Server::start(Options options) {
  auto impl = std::make_unique<Impl>();
  if (auto ready = impl->open(options); !ready) return std::unexpected(ready.error());
  impl->go();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

void Server::stop() {
  impl_->stop();
}
const std::vector<Server::Endpoint>& Server::endpoints() const {
  return impl_->endpoints;
}
std::uint16_t Server::port(std::size_t listener) const {
  return impl_->endpoints.at(listener).port;
}
const std::string& Server::certificate_pem() const {
  return impl_->certificate_pem;
}
Statistics Server::statistics() const {
  return impl_->ask([](Book& book) { return book.statistics(); });
}
std::vector<Accepted> Server::accepted() const {
  return impl_->ask([](Book& book) { return book.accepted(); });
}

}  // namespace hongyan::sink
