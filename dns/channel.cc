#include "dns/channel.h"

#include "base/text.h"

#include <ares.h>
#include <ares_nameser.h>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <algorithm>
#include <mutex>
#include <random>
#include <unordered_map>

namespace hongyan::dns {

namespace net = boost::asio;

namespace {

constexpr int kEdnsSize = 1232;
constexpr unsigned char kAuthenticData = 0x20;  // in the fourth byte of the header

using Descriptor = net::posix::basic_stream_descriptor<async::Executor>;

// What c-ares wants to know of one of its sockets. It owns the socket; we only watch.
struct Watch {
  explicit Watch(Descriptor d) : descriptor(std::move(d)) {}
  Descriptor descriptor;
  bool want_read = false, want_write = false;
  bool reading = false, writing = false;  // a wait is pending
};

Error to_error(int status) {
  switch (status) {
    case ARES_ETIMEOUT:
      return {Scope::kHost, "dns-timeout", "no DNS server answered in time"};
    case ARES_ECONNREFUSED:
      return {Scope::kHost, "dns-unreachable", "no DNS server gave a usable answer"};
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION:
      return {Scope::kProcess, "dns-cancelled", "DNS question was cancelled"};
    default:
      return {Scope::kHost, "dns-failed", std::string("DNS: ") + ares_strerror(status)};
  }
}

Result<std::string> server_list(const std::vector<std::string>& servers) {
  std::string csv;
  for (const std::string& server : servers) {
    std::string_view host = server, port = "53";
    if (const auto close = server.find(']');
        server.starts_with('[') && close != std::string::npos) {
      host = std::string_view(server).substr(1, close - 1);
      const auto rest = std::string_view(server).substr(close + 1);
      if (!rest.empty()) port = rest.starts_with(':') ? rest.substr(1) : std::string_view{};
    } else if (std::ranges::count(server, ':') == 1) {
      port = host.substr(server.find(':') + 1);
      host = host.substr(0, server.find(':'));
    }
    const auto address = IpAddress::parse(host);
    const bool digits = !port.empty() && port.size() <= 5 &&
                        port.find_first_not_of("0123456789") == std::string_view::npos;
    const int number = digits ? std::stoi(std::string(port)) : 0;
    if (!address || number < 1 || number > 65535)
      return fail(Scope::kProcess, "bad-dns-server",
                  "`" + escape_control(server) +
                      "` is no DNS server; 192.0.2.1, 127.0.0.1:5353 or "
                      "[::1]:53 is needed");
    if (!csv.empty()) csv += ',';
    csv += address->is_v4() ? address->to_string() : "[" + address->to_string() + "]";
    csv += ":" + std::to_string(number);
  }
  return csv;
}

}  // namespace

// Handlers hold it weakly: after the channel is gone they do nothing.
struct Channel::State : std::enable_shared_from_this<State> {
  explicit State(async::Executor ex) : executor(ex), timer(ex) {}

  static void on_socket(void* self, ares_socket_t fd, int readable, int writable) {
    static_cast<State*>(self)->watch(fd, readable != 0, writable != 0);
  }

  // Both false: c-ares is about to close it, so Asio must let go of it now.
  void watch(ares_socket_t fd, bool readable, bool writable) {
    auto at = watches.find(fd);
    if (!readable && !writable) {
      if (at == watches.end()) return;
      at->second->descriptor.release();
      watches.erase(at);
      return;
    }
    if (at == watches.end())
      at = watches.emplace(fd, std::make_shared<Watch>(Descriptor(executor, fd))).first;
    at->second->want_read = readable;
    at->second->want_write = writable;
    arm(fd, at->second);
  }

  void arm(ares_socket_t fd, const std::shared_ptr<Watch>& w) {
    if (w->want_read && !w->reading) {
      w->reading = true;
      w->descriptor.async_wait(Descriptor::wait_read, [self = weak_from_this(), fd, w](auto ec) {
        w->reading = false;
        if (const auto state = self.lock(); state && !ec) state->ready(fd, w, true);
      });
    }
    if (w->want_write && !w->writing) {
      w->writing = true;
      w->descriptor.async_wait(Descriptor::wait_write, [self = weak_from_this(), fd, w](auto ec) {
        w->writing = false;
        if (const auto state = self.lock(); state && !ec) state->ready(fd, w, false);
      });
    }
  }

  void ready(ares_socket_t fd, const std::shared_ptr<Watch>& w, bool readable) {
    const auto is_current = [&] {
      const auto at = watches.find(fd);
      return at != watches.end() && at->second == w;  // else closed, and the number perhaps reused
    };
    if (channel == nullptr || !is_current()) return;
    ares_process_fd(channel, readable ? fd : ARES_SOCKET_BAD, readable ? ARES_SOCKET_BAD : fd);
    if (is_current()) arm(fd, w);
    set_timer();
  }

  void set_timer() {
    timeval span{};
    if (ares_timeout(channel, nullptr, &span) == nullptr) {
      timer.cancel();
      return;
    }
    // A millisecond later than asked, lest rounding wakes us just before the time is over.
    timer.expires_after(std::chrono::seconds(span.tv_sec) +
                        std::chrono::microseconds(span.tv_usec) + std::chrono::milliseconds(1));
    timer.async_wait([self = weak_from_this()](auto ec) {
      const auto state = self.lock();
      if (!state || ec || state->channel == nullptr) return;
      ares_process_fd(state->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
      state->set_timer();
    });
  }

  static void on_reply(void* arg, int status, int, unsigned char* bytes, int length) {
    const std::unique_ptr<OnAnswer> call(static_cast<OnAnswer*>(arg));
    // c-ares also has a status for a bad rcode and for no data; the bytes say it better.
    if (bytes != nullptr && length > 0 && status != ARES_EDESTRUCTION)
      (*call)(std::span<const std::uint8_t>(bytes, static_cast<std::size_t>(length)));
    else
      (*call)(std::unexpected(to_error(status)));
  }

  async::Executor executor;
  async::Timer timer;
  std::unordered_map<ares_socket_t, std::shared_ptr<Watch>> watches;
  ares_channel channel = nullptr;
  bool ask_authentic = false;
  std::random_device ids;
};

Channel::Channel(std::shared_ptr<State> state) : state_(std::move(state)) {}

Channel::~Channel() {
  const ares_channel channel = std::exchange(state_->channel, nullptr);
  state_->timer.cancel();
  ares_destroy(channel);  // closes its sockets through on_socket
}

Result<std::unique_ptr<Channel>> Channel::open(async::Executor executor, const Options& options) {
  static std::once_flag once;
  static int library = ARES_SUCCESS;
  std::call_once(once, [] { library = ares_library_init(ARES_LIB_INIT_ALL); });
  const auto servers = server_list(options.servers);
  if (!servers) return std::unexpected(servers.error());

  auto state = std::make_shared<State>(executor);
  ares_options o{};
  o.flags = ARES_FLAG_EDNS | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
  // With one server its SERVFAIL is the answer; with several the next one is asked.
  if (options.servers.size() == 1) o.flags |= ARES_FLAG_NOCHECKRESP;
  o.timeout = static_cast<int>(options.timeout.count());
  o.tries = options.tries;
  o.ednspsz = kEdnsSize;  // fits into one packet on every path (DNS flag day 2020)
  o.sock_state_cb = &State::on_socket;
  o.sock_state_cb_data = state.get();
  const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ |
                   ARES_OPT_SOCK_STATE_CB;
  int status = library;
  if (status == ARES_SUCCESS) status = ares_init_options(&state->channel, &o, mask);
  if (status == ARES_SUCCESS && !servers->empty())
    status = ares_set_servers_ports_csv(state->channel, servers->c_str());
  if (status != ARES_SUCCESS) {
    if (state->channel != nullptr) ares_destroy(state->channel);
    return fail(Scope::kProcess, "dns-library", std::string("c-ares: ") + ares_strerror(status));
  }
  state->ask_authentic = options.ask_authentic;
  return std::unique_ptr<Channel>(new Channel(std::move(state)));
}

void Channel::ask(const std::string& name, Type type, OnAnswer on_answer) {
  auto call = std::make_unique<OnAnswer>(std::move(on_answer));
  if (!state_->ask_authentic) {
    ares_query(state_->channel, name.c_str(), ns_c_in, static_cast<int>(type), &State::on_reply,
               call.release());
    return state_->set_timer();
  }
  // ares_query() cannot set the bit. An id that cannot be guessed is ours to choose then.
  unsigned char* question = nullptr;
  int length = 0;
  const auto id = static_cast<std::uint16_t>(state_->ids());
  const int status = ares_create_query(name.c_str(), ns_c_in, static_cast<int>(type), id, 1,
                                       &question, &length, kEdnsSize);
  if (status != ARES_SUCCESS) return (*call)(std::unexpected(to_error(status)));
  question[3] |= kAuthenticData;
  ares_send(state_->channel, question, length, &State::on_reply, call.release());
  ares_free_string(question);
  state_->set_timer();
}

}  // namespace hongyan::dns
