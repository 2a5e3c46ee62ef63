#include "engine/inbound/mailer_words.h"

#include "base/text.h"

namespace hongyan::inbound {
namespace {

using answer::Group;

struct Words {
  std::string_view words;
  Group group;
};

// The first that stands in the text counts, so the special come before the common.
constexpr Words kWords[] = {
    // Programs and disks of the mailer itself.
    {"lock failure", Group::kRemoteSystem},
    {"pipe to |", Group::kRemoteSystem},
    {"generated during the delivery attempt", Group::kRemoteSystem},
    {"unknown mailer error", Group::kRemoteSystem},
    {"mailer error", Group::kRemoteSystem},
    {"local configuration error", Group::kRemoteSystem},
    {"command died with status", Group::kRemoteSystem},
    {"no space left", Group::kRemoteSystem},
    {"mailbox is full", Group::kFull},
    {"mailbox full", Group::kFull},
    {"over quota", Group::kFull},
    {"quota exceeded", Group::kFull},
    {"permission to post", Group::kSenderBlocked},
    // Domains.
    {"unrouteable mail domain", Group::kBadDomain},
    {"unrouteable domain", Group::kBadDomain},
    {"host unknown", Group::kBadDomain},
    {"unknown host", Group::kBadDomain},
    {"host not found", Group::kBadDomain},
    {"host or domain name not found", Group::kBadDomain},
    {"no such domain", Group::kBadDomain},
    {"domain does not exist", Group::kBadDomain},
    {"couldn't find any host", Group::kBadDomain},
    {"could not find any host", Group::kBadDomain},
    {"couldn't find a mail exchanger", Group::kBadDomain},
    {"had no relevant answers", Group::kBadDomain},
    {"domain name not found", Group::kBadDomain},
    {"域名不存在", Group::kBadDomain},
    {"找不到域名", Group::kBadDomain},
    // Hosts that could not be reached, and what took too long.
    {"accept our requests to connect", Group::kNetworkOrExpired},
    {"wasn't able to establish an smtp connection", Group::kNetworkOrExpired},
    {"unable to establish an smtp connection", Group::kNetworkOrExpired},
    {"retry timeout exceeded", Group::kNetworkOrExpired},
    {"retry time not reached", Group::kNetworkOrExpired},
    {"hosts have been failing", Group::kNetworkOrExpired},
    {"connection timed out", Group::kNetworkOrExpired},
    {"connection refused", Group::kNetworkOrExpired},
    {"connect timed out", Group::kNetworkOrExpired},
    {"connection dropped", Group::kNetworkOrExpired},
    {"could not connect", Group::kNetworkOrExpired},
    {"couldn't connect", Group::kNetworkOrExpired},
    {"unable to connect", Group::kNetworkOrExpired},
    {"cannot connect", Group::kNetworkOrExpired},
    {"failed to connect", Group::kNetworkOrExpired},
    {"not reachable", Group::kNetworkOrExpired},
    {"unreachable", Group::kNetworkOrExpired},
    {"no route to host", Group::kNetworkOrExpired},
    {"name server", Group::kNetworkOrExpired},
    {"name lookup failure", Group::kNetworkOrExpired},
    {"name service error", Group::kNetworkOrExpired},
    {"lookup failed", Group::kNetworkOrExpired},
    {"too many hops", Group::kNetworkOrExpired},
    {"hop count", Group::kNetworkOrExpired},
    {"mail loop", Group::kNetworkOrExpired},
    {"loops back to myself", Group::kNetworkOrExpired},
    {"has been in the queue too long", Group::kNetworkOrExpired},
    {"in the queue for", Group::kNetworkOrExpired},
    {"message expired", Group::kNetworkOrExpired},
    {"could not be delivered for more than", Group::kNetworkOrExpired},
    {"failed after", Group::kNetworkOrExpired},
    {"must issue a starttls", Group::kNetworkOrExpired},
    {"连接超时", Group::kNetworkOrExpired},
    {"無法連線", Group::kNetworkOrExpired},
    {"无法连接", Group::kNetworkOrExpired},
    {"连接失败", Group::kNetworkOrExpired},
    {"多次尝试", Group::kNetworkOrExpired},
};

// "Delivery failed 20 attempts", "after 12 attempts".
bool counts_attempts(std::string_view low) {
  for (std::size_t at = low.find("attempts"); at != std::string_view::npos;
       at = low.find("attempts", at + 1)) {
    const std::string_view before = trim_blanks(low.substr(0, at));
    if (!before.empty() && before.back() >= '0' && before.back() <= '9') return true;
  }
  return false;
}

}  // namespace

std::optional<Group> group_of_mailer_words(std::string_view text) {
  const std::string low = ascii_lower(text.substr(0, 2048));
  for (const auto& [words, group] : kWords)
    if (low.contains(words)) return group;
  if (counts_attempts(low)) return Group::kNetworkOrExpired;
  return std::nullopt;
}

}  // namespace hongyan::inbound
