#include "cli/live_line.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace hongyan::cli {
namespace {

// Messages per second are those of so much time.
constexpr std::int64_t kRateMs = 5000;

std::size_t terminal_columns(int fd) {
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 20) return size.ws_col - 1u;
  return 79;
}

}  // namespace

LiveLine::LiveLine(std::ostream& out, int fd, Millis between)
    : out_(out), fd_(fd), terminal_(isatty(fd) == 1), between_(between) {}

void LiveLine::show(const Progress& now) {
  keep(now);
  if (terminal_) {
    print(now);
  } else if (const auto time = std::chrono::steady_clock::now(); time - printed_ >= between_) {
    printed_ = time;
    print(now);
  }
}

void LiveLine::end(const Progress& now) {
  keep(now);
  print(now);
  if (terminal_) out_ << '\n';
  out_.flush();
}

void LiveLine::keep(const Progress& now) {
  past_.push_back(now);
  while (now.at_ms - past_.front().at_ms > kRateMs) past_.pop_front();
}

void LiveLine::print(const Progress& now) {
  if (terminal_)
    out_ << "\r\033[K" << progress_line(now, past_.front(), terminal_columns(fd_)) << std::flush;
  else
    out_ << progress_line(now, past_.front(), 0) << std::endl;
}

}  // namespace hongyan::cli
