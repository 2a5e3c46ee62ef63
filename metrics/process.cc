#include "metrics/process.h"

#include "metrics/catalogue.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sys/resource.h>
#include <unistd.h>

namespace hongyan::metrics {
namespace {

// Taken when the program is loaded: close enough to the kernel's own stamp, and in wall time.
const double kStarted =
    std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

void record_process(Registry& registry) {
  std::int64_t pages = 0;
  std::int64_t resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  registry.set(kResidentMemory, {}, resident * sysconf(_SC_PAGESIZE));
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  registry.set(kCpuSeconds, {}, seconds(usage.ru_utime) + seconds(usage.ru_stime));
  std::error_code error;
  std::int64_t files = 0;
  for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; at != end;
       at.increment(error))
    ++files;
  registry.set(kOpenFiles, {}, files);
  rlimit most{};
  getrlimit(RLIMIT_NOFILE, &most);
  registry.set(kMaxFiles, {}, static_cast<std::int64_t>(most.rlim_cur));
  registry.set(kStartTime, {}, kStarted);
}

}  // namespace hongyan::metrics
