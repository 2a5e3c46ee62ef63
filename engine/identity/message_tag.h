#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hongyan::identity {

// Whose message it was.
struct MessageRef {
  std::string job;  // job_ref() of its id
  std::uint64_t chunk = 0;
  std::uint32_t index = 0;

  friend bool operator==(const MessageRef&, const MessageRef&) = default;
};

// 12 characters that stand for a job's id where there is no room for it.
std::string job_ref(std::string_view job_id);

// What comes back by mail to an address of ours.
enum class Purpose : char { kBounce = 'b', kUnsubscribe = 'u' };

struct MessageTag {
  Purpose purpose = Purpose::kBounce;
  MessageRef ref;
};

// "b-JOB-CHUNK-INDEX-MAC": lower-case letters, digits and '-', at most kMaxTag characters, fit for
// a local part (RFC 5321). The last part is 40 bits of a keyed hash of the others: nobody can make
// up a bounce of a message he was not sent.
inline constexpr std::size_t kMaxTag = 44;
std::string make_tag(std::string_view secret, const MessageTag& tag);
// Case does not matter: mail systems fold it. Nothing: not ours, or forged.
std::optional<MessageTag> read_tag(std::string_view secret, std::string_view text);

}  // namespace hongyan::identity
