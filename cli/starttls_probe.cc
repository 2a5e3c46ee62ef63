#include "cli/starttls_probe.h"

#include "base/async/task_group.h"
#include "engine/smtp/connection.h"
#include "engine/smtp/tls.h"

#include <optional>

namespace hongyan::cli {
namespace {

using Kind = ProbeResult::Kind;

async::Task<> probe(smtp::Connection& connection, smtp::Target target,
                    std::optional<std::expected<void, smtp::OpenFailure>>& result) {
  result = co_await connection.open(std::move(target));
}

}  // namespace

ProbeResult probe_starttls(const IpAddress& address, std::uint16_t port, const std::string& host,
                           const std::string& ehlo, Millis patience) {
  async::net::io_context loop(1);
  smtp::TlsContexts tls;
  smtp::Connection connection(loop.get_executor(), tls);
  smtp::Target target;
  target.endpoint.address = async::net::ip::make_address(address.to_string());
  target.endpoint.port = port;
  target.host_name = host;
  target.options.ehlo_name = ehlo;
  target.options.tls = smtp::TlsMode::kRequired;
  auto& limits = target.options.limits;
  limits.connect = limits.greeting = limits.ehlo = limits.tls = patience;
  std::optional<std::expected<void, smtp::OpenFailure>> result;
  async::TaskGroup tasks(loop.get_executor(), "starttls probe");
  tasks.spawn(probe(connection, std::move(target), result));
  loop.run();
  if (result && *result) return {Kind::kTls, connection.tls_description()};
  if (!result) return {Kind::kUnreachable, "the attempt failed"};
  const smtp::OpenFailure& failure = result->error();
  const std::string detail =
      failure.detail.empty() ? failure.cause : failure.cause + ": " + failure.detail;
  const bool tls_fault = failure.cause.starts_with("tls-") || failure.cause == "starttls-injection";
  return {tls_fault ? Kind::kNoTls : Kind::kUnreachable, detail};
}

}  // namespace hongyan::cli
