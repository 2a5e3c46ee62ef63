#include "engine/smtp/deliver.h"

#include "base/async/listener.h"
#include "engine/smtp/connection.h"
#include "engine/smtp/tls.h"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <utility>

namespace hongyan::smtp {
namespace {

namespace net = async::net;
constexpr std::size_t kMaxLine = 998;

class HandDelivery final : public Delivery {
 public:
  explicit HandDelivery(const DeliverRequest& request)
      : request_(request), piece_(request.content) {}
  std::string_view sender() const override { return request_.sender; }
  std::span<const std::string> recipients() const override { return request_.recipients; }
  bool needs_smtputf8() const override { return false; }
  std::size_t size() const override { return piece_.size(); }
  std::span<const std::string_view> content() override { return {&piece_, 1}; }
  bool has_leading_dots() const override { return true; }

 private:
  const DeliverRequest& request_;
  std::string_view piece_;
};

// One delivery, no store: leave is always granted.
class HandFeed final : public Feed {
 public:
  explicit HandFeed(const DeliverRequest& request)
      : delivery_(request), outcomes_(request.recipients.size()) {}
  Delivery* next() override { return std::exchange(given_, true) ? nullptr : &delivery_; }
  async::Task<bool> commit(std::span<const Settled> settled, Delivery*) override {
    if (!settled.empty()) outcomes_ = settled.front().recipients;
    co_return true;
  }
  async::Task<bool> wait() override { co_return false; }
  void fail_all(const OpenFailure& failure) {
    for (RecipientOutcome& outcome : outcomes_) {
      outcome.verdict = Verdict::kUntried;
      outcome.stage = failure.stage;
      outcome.reply = failure.reply;
      outcome.cause = failure.cause;
      if (!failure.detail.empty()) outcome.cause += ": " + failure.detail;
    }
  }
  std::vector<RecipientOutcome> take() { return std::move(outcomes_); }

 private:
  HandDelivery delivery_;
  bool given_ = false;
  std::vector<RecipientOutcome> outcomes_;
};

Result<std::vector<net::ip::address>> addresses_of(const std::string& host) {
  if (host == "localhost")
    return std::vector<net::ip::address>{net::ip::address_v4::loopback(),
                                         net::ip::address_v6::loopback()};
  boost::system::error_code ec;
  const auto address = net::ip::make_address(host, ec);
  if (!ec) return std::vector{address};
  return fail(Scope::kDelivery, "bad-host",
              "`" + host + "` is no IP address; names are not looked up here, give an address");
}

async::Task<> try_addresses(const DeliverRequest& request, std::vector<Target> targets,
                            TlsContexts& tls, HandFeed& feed) {
  for (Target& target : targets) {
    Connection connection(co_await net::this_coro::executor, tls);
    const auto opened = co_await connection.open(std::move(target));
    if (opened) {
      co_await connection.run(feed);
      co_return;
    }
    feed.fail_all(opened.error());
    if (request.options.trace != nullptr) request.options.trace->note(opened.error().cause);
  }
}

}  // namespace

Result<std::string> normalise_content(std::string_view raw) {
  std::string content;
  content.reserve(raw.size() + raw.size() / 32);
  for (std::size_t line = 1; !raw.empty(); ++line) {
    const std::size_t end = std::min(raw.find_first_of("\r\n"), raw.size());
    if (end > kMaxLine) {
      return fail(Scope::kDelivery, "line-too-long",
                  "line " + std::to_string(line) + " has " + std::to_string(end) +
                      " bytes; at most 998 may be sent");
    }
    content += raw.substr(0, end);
    content += "\r\n";
    raw.remove_prefix(end);
    raw.remove_prefix(raw.starts_with("\r\n") ? 2 : std::min<std::size_t>(raw.size(), 1));
  }
  return content;
}

Result<std::vector<RecipientOutcome>> deliver(const DeliverRequest& request) {
  if (request.recipients.empty())
    return fail(Scope::kDelivery, "no-recipient", "at least one recipient is needed");
  const auto addresses = addresses_of(request.host);
  if (!addresses) return std::unexpected(addresses.error());
  const auto proxy = async::parse_endpoint(request.proxy);
  if (!request.proxy.empty() && (!proxy || request.source.empty()))
    return fail(Scope::kDelivery, "bad-proxy",
                !proxy ? "`" + request.proxy + "` is no proxy's ip:port"
                       : "a proxy needs to be told the source address");
  std::vector<Target> targets;
  for (const auto& address : *addresses) {
    Target& target = targets.emplace_back();
    target.endpoint.address = address;
    target.endpoint.port = request.port;
    target.endpoint.proxy = proxy;
    target.host_name = request.host;
    target.options = request.options;
    if (request.source.empty()) continue;
    boost::system::error_code ec;
    target.endpoint.source = net::ip::make_address(request.source, ec);
    if (ec) return fail(Scope::kDelivery, "bad-source", "`" + request.source + "` is no address");
  }
  try {
    net::io_context io(1);
    TlsContexts tls(request.ca_file);
    HandFeed feed(request);
    net::co_spawn(io.get_executor(), try_addresses(request, std::move(targets), tls, feed),
                  [](const std::exception_ptr& e) {
                    if (e) std::rethrow_exception(e);
                  });
    io.run();
    return feed.take();
  } catch (const std::runtime_error& e) {  // the file of certificates
    return fail(Scope::kProcess, "bad-ca-file", e.what());
  }
}

}  // namespace hongyan::smtp
