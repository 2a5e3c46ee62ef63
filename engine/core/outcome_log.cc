#include "engine/core/outcome_log.h"

#include "base/log.h"

#include <fmt/format.h>

#include <unistd.h>

namespace hongyan::engine {
namespace {

constexpr std::size_t kFull = 60'000;  // below PIPE_BUF-sized surprises for readers of a pipe

}  // namespace

void OutcomeLog::write(const OutcomeLine& line) {
  if (!enabled_) return;
  const std::string delays = fmt::format("{:.3g}/{:.3g}/{:.3g}/{:.3g}", line.delays[0],
                                         line.delays[1], line.delays[2], line.delays[3]);
  log::append_line(buffer_, line.at, log::Level::kInfo, "outcome",
                   {{"job", line.job},
                    {"ref", line.ref},
                    {"tenant", line.tenant},
                    {"channel", line.channel},
                    {"source", line.source},
                    {"provider", line.provider},
                    {"to", line.recipient},
                    {"outcome", line.outcome},
                    {"attempt", line.attempt},
                    {"host", line.host.empty() ? std::string_view("-") : line.host},
                    {"delays", delays},
                    {"reply", line.reply}});
  if (buffer_.size() > kFull) flush();
}

void OutcomeLog::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, rest.data(), rest.size());
    if (written <= 0) break;  // nobody reads: losing the lines beats stopping the mail
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  buffer_.clear();
}

}  // namespace hongyan::engine
