#include "store/suppression.h"

#include "base/keyed_hash.h"
#include "base/text.h"
#include "store/keys.h"
#include "store/secret.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <charconv>
#include <map>

namespace hongyan::store {
namespace {

using async::Task;
using redis::Command;

constexpr std::size_t kForgottenBytes = 16;
constexpr int kScanCount = 1000;
// An entry that is nobody: while it is not there, no hash need be made.
constexpr std::string_view kAnyForgotten = "#";

// "at_ms reason source"
std::string encode(const Suppression& entry) {
  return fmt::format("{} {} {}", entry.at_ms, entry.reason, entry.source);
}

Suppression decode(std::string_view name, std::string_view value) {
  Suppression entry;
  entry.name = std::string(name);
  const auto first = value.find(' ');
  const auto second = value.find(' ', first == std::string_view::npos ? first : first + 1);
  std::from_chars(value.data(), value.data() + std::min(first, value.size()), entry.at_ms);
  if (first == std::string_view::npos) return entry;
  entry.reason = std::string(value.substr(first + 1, second - first - 1));
  if (second != std::string_view::npos) entry.source = std::string(value.substr(second + 1));
  return entry;
}

// "#" and 128 bits of a keyed hash.
std::string forgotten(std::string_view secret, std::string_view folded) {
  const std::string digest = keyed_hash(secret, "suppression", folded);
  std::string name = "#";
  for (const char byte : std::string_view(digest).substr(0, kForgottenBytes))
    name += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return name;
}

}  // namespace

std::string Suppression::sentence() const {
  std::string text = reason;
  if (!source.empty()) text += ", " + source;
  if (at_ms > 0)
    text += fmt::format(", {:%Y-%m-%d}", fmt::gmtime(static_cast<std::time_t>(at_ms / 1000)));
  return text;
}

std::string suppressed_address(std::string_view address) {
  return ascii_lower(address);
}

std::string suppressed_domain(std::string_view domain) {
  return "@" + ascii_lower(domain);
}

Task<Result<std::vector<std::optional<Suppression>>>> SuppressionStore::find(
    std::string tenant, std::vector<std::string> addresses) {
  std::vector<std::optional<Suppression>> found(addresses.size());
  if (addresses.empty()) co_return found;
  // Each address, each domain once, and whether anybody was ever forgotten.
  std::vector<std::string> names;
  names.reserve(addresses.size() + 8);
  for (const std::string& address : addresses) names.push_back(suppressed_address(address));
  std::map<std::string_view, std::size_t> domains;
  std::vector<std::size_t> domain_of;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const std::string_view name = names[i];
    const auto [at, fresh] = domains.try_emplace(
        name.substr(std::min(name.rfind('@'), name.size())), addresses.size() + domains.size());
    domain_of.push_back(at->second);
  }
  std::vector<std::string> parts(domains.size());
  for (const auto& [domain, at] : domains) parts[at - addresses.size()] = domain;
  names.insert(names.end(), parts.begin(), parts.end());
  names.emplace_back(kAnyForgotten);

  std::vector<Command> commands;
  for (const std::string& scope : {tenant, std::string()}) {
    Command& command = commands.emplace_back("HMGET");
    command.arg(keys::suppressed(scope));
    for (const std::string& name : names) command.arg(name);
  }
  auto replies = co_await store_.pipeline(std::move(commands));
  if (!replies) co_return std::unexpected(replies.error());
  for (std::size_t i = 0; i < addresses.size(); ++i)
    for (const redis::Reply& scope : *replies)
      for (const std::size_t at : {i, domain_of[i]})
        if (!found[i] && !scope[at].is_nil()) found[i] = decode(names[at], scope[at].text());
  if (replies->back()[names.size() - 1].is_nil()) co_return found;
  names.resize(addresses.size());
  if (auto done = co_await find_forgotten(std::move(names), found); !done)
    co_return std::unexpected(done.error());
  co_return found;
}

Task<Result<void>> SuppressionStore::find_forgotten(
    std::vector<std::string> names, std::vector<std::optional<Suppression>>& found) {
  if (secret_.empty()) {
    auto secret = co_await shared_secret(store_);
    if (!secret) co_return std::unexpected(secret.error());
    secret_ = std::move(*secret);
  }
  Command command("HMGET");
  command.arg(keys::suppressed({}));
  for (std::string& name : names) {
    name = forgotten(secret_, name);
    command.arg(name);
  }
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!found[i] && !(*reply)[i].is_nil()) found[i] = decode(names[i], (*reply)[i].text());
  co_return Result<void>{};
}

Task<Result<std::int64_t>> SuppressionStore::add(std::string tenant,
                                                 std::vector<Suppression> entries) {
  std::vector<Command> commands;
  for (const Suppression& entry : entries)
    commands.push_back(std::move(
        Command("HSETNX").arg(keys::suppressed(tenant)).arg(entry.name).arg(encode(entry))));
  auto replies = co_await store_.pipeline(std::move(commands));
  if (!replies) co_return std::unexpected(replies.error());
  std::int64_t fresh = 0;
  for (const redis::Reply& reply : *replies) fresh += reply.integer();
  co_return fresh;
}

Task<Result<std::int64_t>> SuppressionStore::remove(std::string tenant,
                                                    std::vector<std::string> names) {
  if (names.empty()) co_return 0;
  Command command("HDEL");
  command.arg(keys::suppressed(tenant));
  for (const std::string& name : names) command.arg(name);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  co_return reply->integer();
}

Task<Result<void>> SuppressionStore::forget(std::string address, std::vector<std::string> tenants,
                                            std::int64_t at_ms) {
  auto secret = co_await shared_secret(store_);
  if (!secret) co_return std::unexpected(secret.error());
  const std::string folded = suppressed_address(address);
  auto kept = co_await add({}, {{std::string(kAnyForgotten), "forgotten", "", at_ms},
                                {forgotten(*secret, folded), "forgotten", "", at_ms}});
  if (!kept) co_return std::unexpected(kept.error());
  tenants.emplace_back();
  for (const std::string& tenant : tenants)
    if (auto gone = co_await remove(tenant, {folded}); !gone)
      co_return std::unexpected(gone.error());
  co_return Result<void>{};
}

Task<Result<SuppressionStore::Page>> SuppressionStore::scan(std::string tenant, std::string cursor,
                                                            std::string pattern) {
  Command command("HSCAN");
  command.arg(keys::suppressed(tenant)).arg(cursor).arg("COUNT").arg(kScanCount);
  if (!pattern.empty()) command.arg("MATCH").arg(pattern);
  auto reply = co_await store_.call(std::move(command));
  if (!reply) co_return std::unexpected(reply.error());
  Page page{std::string((*reply)[0].text()), {}};
  const auto entries = (*reply)[1].array();
  for (std::size_t i = 0; i + 1 < entries.size(); i += 2)
    if (entries[i].text() != kAnyForgotten)
      page.entries.push_back(decode(entries[i].text(), entries[i + 1].text()));
  co_return page;
}

Task<Result<std::int64_t>> SuppressionStore::count(std::string tenant) {
  auto reply =
      co_await store_.call(std::move(Command("HLEN").arg(keys::suppressed(std::move(tenant)))));
  if (!reply) co_return std::unexpected(reply.error());
  co_return reply->integer();
}

}  // namespace hongyan::store
