#pragma once

#include "cli/demo_stage.h"

#include <cstdint>
#include <string>
#include <vector>

namespace hongyan::cli::demo {

// What became of recipients, as one book tells it.
struct Tally {
  std::int64_t rows = 0;
  std::int64_t delivered = 0;
  std::int64_t bounced = 0;
  std::int64_t invalid = 0;
  std::int64_t duplicate = 0;
  std::int64_t waiting = 0;  // in no final state
  std::int64_t retries = 0;  // attempts after the first

  Tally& operator+=(const Tally& other);
};

// The report of a job: every recipient, read from the chunks as `report` does.
struct JobReport {
  std::vector<Tally> by_receiver;  // in the order of Stage::receivers()
  Tally no_address;                // rows that are refused have no receiver
  Tally sum() const;
};
Result<JobReport> read_report(Stage& stage, const std::string& job, std::int64_t chunks);

// What a receiver has accepted so far.
std::int64_t accepted_by(const Receiver& receiver);

// The same as the job's public counters say it.
Tally counters_of(const store::JobView& job);

struct Charged {
  std::int64_t messages = 0;
  std::int64_t micro_yuan = 0;
  friend bool operator==(const Charged&, const Charged&) = default;
};
// What the engine tells a Prometheus of a tenant.
Result<Charged> scrape_billing(std::uint16_t port, const std::string& tenant);

}  // namespace hongyan::cli::demo
