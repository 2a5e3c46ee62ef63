#pragma once

#include "engine/identity/message_tag.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hongyan::config {
struct Channel;
}

namespace hongyan::message {
class Compiled;
}

namespace hongyan::engine {

// What each message of a job carries to be known again: its return path and its ways to
// unsubscribe.
//
// Pure; any thread.
class JobIdentity {
 public:
  JobIdentity(const config::Channel& channel, std::string tenant, std::string job,
              std::string secret);

  // The envelope sender of a message (VERP), when the channel wants one for each.
  bool has_return_paths() const { return verp_; }
  // `lane`: identity::lane_ref() of what it is about to leave by; empty: not told. It is no part
  // of the content, so it may differ from attempt to attempt.
  std::string return_path(std::uint64_t chunk, std::uint32_t index, const std::string& lane) const;

  // Left of the @ in Message-ID: the same whenever this recipient is tried, and authenticated, so
  // that a complaint about the message can be believed to be about it.
  std::string message_id(std::uint64_t chunk, std::uint32_t index) const;

  // Variables that templates may use besides the recipient's: `unsubscribe_url`, and those that
  // unsubscribe_header() is made of.
  bool has_variables() const { return !unsubscribe_url_.empty() || unsubscribe_mail_; }
  std::vector<std::pair<std::string, std::string>> variables(std::uint64_t chunk,
                                                             std::uint32_t index,
                                                             std::string_view address) const;

  // What `message` asks for besides, when it is tracked.
  void add_tracking(const message::Compiled& message, std::uint64_t chunk, std::uint32_t index,
                    std::vector<std::pair<std::string, std::string>>& variables) const;

 private:
  std::string tagged(identity::MessageTag tag) const;

  bool verp_ = false;
  bool unsubscribe_mail_ = false;
  std::string unsubscribe_url_;
  std::string local_, domain_;  // of the channel's envelope sender
  std::string tenant_, job_, ref_, secret_;
  identity::TagMaker tags_;
};

// The template of List-Unsubscribe that the channel offers; empty: none.
std::string unsubscribe_header(const config::Channel& channel);

}  // namespace hongyan::engine
