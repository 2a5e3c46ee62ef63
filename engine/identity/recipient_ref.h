#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hongyan::identity {

// "JOB/CHUNK/INDEX": a recipient, the same for life, on each line of the log and in each event that
// is about him. No address is in it; `hongyan trace` gives that of an address.
inline std::string recipient_ref(std::string_view job, std::uint64_t chunk, std::uint32_t index) {
  std::string ref(job);
  ref.append("/").append(std::to_string(chunk)).append("/").append(std::to_string(index));
  return ref;
}

}  // namespace hongyan::identity
