#include "dns/sts_fetcher.h"

#include "base/text.h"

#include <utility>

namespace hongyan::dns {
namespace {

bool is_plain_text(std::string_view type) {
  return ascii_lower(trim_blanks(type.substr(0, type.find(';')))) == "text/plain";
}

std::string_view code_of(const Error& error) {
  if (error.code == "http-certificate") return "sts-certificate";
  if (error.code == "http-answer") return "sts-answer";
  return "sts-unreachable";
}

}  // namespace

StsFetcher::StsFetcher(const std::string& ca_file, std::uint16_t port)
    : client_(ca_file, kMaxStsPolicy), port_(port) {}

async::Task<Result<StsPolicy>> StsFetcher::fetch(std::string domain,
                                                 std::vector<IpAddress> addresses) {
  const std::string host = "mta-sts." + domain;
  const auto answer =
      co_await client_.ask({host, port_, std::move(addresses), "/.well-known/mta-sts.txt"});
  if (!answer) co_return fail(Scope::kHost, code_of(answer.error()), answer.error().detail);
  if (answer->status != 200)
    co_return fail(Scope::kHost, "sts-answer", host + ": status " + std::to_string(answer->status));
  if (!is_plain_text(answer->content_type))
    co_return fail(Scope::kHost, "sts-answer", host + ": is no text/plain");
  co_return parse_sts_policy(answer->body);
}

}  // namespace hongyan::dns
