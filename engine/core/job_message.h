#pragma once

#include "base/fault.h"
#include "engine/config/fleet.h"
#include "engine/job/job.h"
#include "engine/message/message.h"

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

namespace hongyan::engine {

// Which of a job's variants a recipient gets: the same for life, and evenly within each chunk, so
// that providers get equal shares too.
inline std::size_t variant_of(std::uint64_t chunk, std::uint32_t index, std::size_t variants) {
  return (chunk + index) % variants;
}

// A job's messages, compiled: one, or one for each of its variants.
struct JobMessages {
  std::vector<std::shared_ptr<const message::Compiled>> compiled;
  std::vector<std::string> names;  // of the variants; empty: there are none

  const message::Compiled& of(std::uint64_t chunk, std::uint32_t index) const {
    return *compiled[variant_of(chunk, index, compiled.size())];
  }
};

// The document's message as the builder wants it, or that of one of its variants; attachments by
// key have what stands in their `data`.
message::Spec message_spec(const job::Job& job, const config::Channel& channel,
                           const job::Variant* variant = nullptr);

// Every fault at once, each told once, located in the document: "variants[1].subject:1:4".
std::expected<JobMessages, Faults> compile_messages(const job::Job& job,
                                                    const config::Channel& channel);

}  // namespace hongyan::engine
