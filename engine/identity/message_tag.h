#pragma once

#include "base/keyed_hash.h"

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

// Where the tag stands: in a return path, in an address to unsubscribe, left of the @ in Message-ID
// (which comes back where the envelope does not: in complaints).
enum class Purpose : char { kBounce = 'b', kUnsubscribe = 'u', kMessage = 'm' };

// 6 characters that stand for the source and the provider that a message left by.
std::string lane_ref(std::string_view source, std::string_view provider);

struct MessageTag {
  Purpose purpose = Purpose::kBounce;
  MessageRef ref;
  std::string lane{};  // lane_ref(), of a return path; empty: not told
};

// "b-JOB-CHUNK-INDEX-LANE-MAC", or without the lane: lower-case letters, digits and '-', at most
// kMaxTag characters, fit for a local part (RFC 5321); a lane for which there is no room is left
// out. The last part is 40 bits of a keyed hash of the others: nobody can make up a bounce of a
// message he was not sent.
inline constexpr std::size_t kMaxTag = 44;

// Writes tags. Thread: any number, at once.
class TagMaker {
 public:
  explicit TagMaker(std::string_view secret);
  std::string make(const MessageTag& tag) const;

 private:
  KeyedHash mac_;
};
std::string make_tag(std::string_view secret, const MessageTag& tag);
// Case does not matter: mail systems fold it. Nothing: not ours, or forged.
std::optional<MessageTag> read_tag(std::string_view secret, std::string_view text);

}  // namespace hongyan::identity
