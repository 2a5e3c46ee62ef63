#include "engine/core/outcome_log.h"

#include "base/text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <iterator>
#include <unistd.h>

namespace hongyan::engine {
namespace {

constexpr std::size_t kFull = 60'000;  // below PIPE_BUF-sized surprises for readers of a pipe

// Quotes a value that holds anything but plain printable characters.
void put_text(std::string& out, std::string_view text) {
  const bool plain = !text.empty() && text.find_first_of(" \"=\\") == std::string_view::npos;
  const std::string safe = escape_control(text);
  if (plain && safe.size() == text.size()) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : safe) {
    if (c == '"') out += '\\';
    out += c;
  }
  out += '"';
}

}  // namespace

void OutcomeLog::write(const OutcomeLine& line) {
  if (!enabled_) return;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(line.at);
  fmt::format_to(std::back_inserter(buffer_), "{:%Y-%m-%dT%H:%M:%S}.{:03d}Z info outcome job={}",
                 fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)),
                 static_cast<int>((line.at - seconds).count()), line.job);
  fmt::format_to(std::back_inserter(buffer_),
                 " tenant={} channel={} source={} provider={} to=", line.tenant, line.channel,
                 line.source, line.provider);
  put_text(buffer_, line.recipient);
  fmt::format_to(std::back_inserter(buffer_),
                 " outcome={} attempt={} host={} delays={:.3g}/{:.3g}/{:.3g}/{:.3g} reply=",
                 line.outcome, line.attempt, line.host.empty() ? "-" : line.host, line.delays[0],
                 line.delays[1], line.delays[2], line.delays[3]);
  put_text(buffer_, line.reply);
  buffer_ += '\n';
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
