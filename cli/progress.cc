#include "cli/progress.h"

#include "cli/output.h"

#include <fmt/format.h>

#include <algorithm>

namespace hongyan::cli {
namespace {

constexpr std::chrono::seconds kBetweenLines{1};
constexpr std::int64_t kBarWidth = 20;

std::string bar(std::int64_t done, std::int64_t total) {
  const std::int64_t full = total > 0 ? std::min(kBarWidth, kBarWidth * done / total) : 0;
  std::string text;
  for (std::int64_t i = 0; i < kBarWidth; ++i) text += i < full ? "━" : "─";
  return text;
}

}  // namespace

std::int64_t finished(const store::JobView& job) {
  std::int64_t sum = 0;
  for (const char* state : {"delivered", "bounced", "suppressed", "invalid", "duplicate", "expired",
                            "cancelled", "held"})
    sum += job.number(state);
  return sum;
}

void Meter::measure(std::int64_t count, SteadyTime now) {
  if (!measured_) first_ = count;
  if (measured_ && count > count_) busy_ += now - *measured_;
  measured_ = now;
  count_ = count;
}

double Meter::rate() const {
  return busy_.count() > 0 ? static_cast<double>(count_ - first_) / busy_.count() : 0;
}

void Progress::measure(const store::JobView& job, SteadyTime now) {
  meter_.measure(job.number("delivered") + job.number("bounced"), now);
}

std::string Progress::line(const store::JobView& job) const {
  const std::int64_t total = job.number("total");
  const std::int64_t evidence = job.number("breaker_n");
  return fmt::format("  {:<8} {}  {}/{}  {}/s  {} bad of 3 %  {}", job.text("state"),
                     bar(finished(job), total), with_commas(finished(job)), with_commas(total),
                     with_commas(static_cast<std::int64_t>(rate())),
                     evidence > 0 ? percent(job.number("breaker_bad"), evidence) : "0.00 %",
                     yuan(MicroYuan{job.number("charged_micro_yuan")}));
}

void Progress::show(const store::JobView& job, SteadyTime now) {
  measure(job, now);
  if (terminal_) {
    out_ << "\r\x1b[K" << line(job) << std::flush;
  } else if (now - printed_ >= kBetweenLines) {
    printed_ = now;
    out_ << line(job) << std::endl;
  }
}

void Progress::end(const store::JobView& job, SteadyTime now) {
  measure(job, now);
  if (terminal_) out_ << "\r\x1b[K";
  out_ << line(job) << std::endl;
}

}  // namespace hongyan::cli
