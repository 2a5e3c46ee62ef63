#include "engine/core/job_identity.h"

#include "engine/config/fleet.h"
#include "engine/identity/tracking_token.h"
#include "engine/identity/unsubscribe_token.h"
#include "engine/message/message.h"
#include "engine/message/tracked.h"

namespace hongyan::engine {
namespace {

// A list may have a column of the first name; these are nobody else's.
constexpr std::string_view kUrl = "_unsubscribe_url";
constexpr std::string_view kMail = "_unsubscribe_mail";

}  // namespace

JobIdentity::JobIdentity(const config::Channel& channel, std::string tenant, std::string job,
                         std::string secret)
    : verp_(channel.verp),
      unsubscribe_mail_(channel.unsubscribe_mail),
      unsubscribe_url_(channel.unsubscribe_url),
      local_(channel.envelope_sender.substr(0, channel.envelope_sender.rfind('@'))),
      domain_(channel.envelope_sender.substr(channel.envelope_sender.rfind('@'))),
      tenant_(std::move(tenant)),
      job_(std::move(job)),
      ref_(identity::job_ref(job_)),
      secret_(std::move(secret)),
      tags_(secret_) {
  if (!unsubscribe_url_.empty() && !unsubscribe_url_.ends_with('/')) unsubscribe_url_ += '/';
}

std::string JobIdentity::tagged(identity::MessageTag tag) const {
  return local_ + '+' + tags_.make(tag) + domain_;
}

std::string JobIdentity::return_path(std::uint64_t chunk, std::uint32_t index,
                                     const std::string& lane) const {
  return tagged({identity::Purpose::kBounce, {ref_, chunk, index}, lane});
}

std::string JobIdentity::message_id(std::uint64_t chunk, std::uint32_t index) const {
  return tags_.make({identity::Purpose::kMessage, {ref_, chunk, index}});
}

std::vector<std::pair<std::string, std::string>> JobIdentity::variables(
    std::uint64_t chunk, std::uint32_t index, std::string_view address) const {
  std::vector<std::pair<std::string, std::string>> made;
  if (!unsubscribe_url_.empty()) {
    const std::string url =
        unsubscribe_url_ +
        identity::seal_unsubscriber(secret_, {tenant_, std::string(address), job_, chunk, index});
    made.emplace_back("unsubscribe_url", url);
    made.emplace_back(kUrl, url);
  }
  if (unsubscribe_mail_)
    made.emplace_back(kMail, tagged({identity::Purpose::kUnsubscribe, {ref_, chunk, index}}));
  return made;
}

void JobIdentity::add_tracking(const message::Compiled& message, std::uint64_t chunk,
                               std::uint32_t index,
                               std::vector<std::pair<std::string, std::string>>& variables) const {
  const auto address_of = [&](std::uint32_t link, const std::string& url) {
    return unsubscribe_url_ + identity::seal_tracking(secret_, {job_, chunk, index, link, url});
  };
  for (std::uint32_t i = 0; i < message.links().size(); ++i)
    variables.emplace_back(message::click_variable(i), address_of(i, message.links()[i]));
  if (message.tracks_opens()) variables.emplace_back(message::kOpenVariable, address_of(0, {}));
}

std::string unsubscribe_header(const config::Channel& channel) {
  std::string header;
  if (!channel.unsubscribe_url.empty()) header = "<{{ " + std::string(kUrl) + " }}>";
  if (channel.unsubscribe_mail) {
    if (!header.empty()) header += ", ";
    header += "<mailto:{{ " + std::string(kMail) + " }}?subject=unsubscribe>";
  }
  return header;
}

}  // namespace hongyan::engine
