// The job document: never a crash, never a job whose header-bound fields have a line break.
#include "engine/job/job.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const hongyan::job::IntakePolicy policy{
      .tenants = {{"acme", {"acme.example"}}},
      .channels = {"quality"},
      .default_channel = "quality",
      .template_fault = {},
  };
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto job = hongyan::job::parse_job(text, policy);
  if (!job) {
    if (job.error().empty()) abort();
    return 0;
  }
  const auto clean = [](std::string_view value) {
    return value.find_first_of("\r\n") == std::string_view::npos;
  };
  if (!clean(job->subject) || !clean(job->from_name)) abort();
  for (const auto& [name, value] : job->headers)
    if (!clean(name) || !clean(value)) abort();
  if (job->digest.size() != 64) abort();
  return 0;
}
