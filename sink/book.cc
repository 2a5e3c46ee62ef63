#include "sink/book.h"

#include "base/log.h"
#include "base/text.h"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sys/stat.h>
#include <unistd.h>

namespace hongyan::sink {
namespace {

// NDJSON readers refuse bytes that are no UTF-8: those are shown as \xNN.
void append_string(std::string& out, std::string_view text) {
  out += is_valid_utf8(text) ? boost::json::serialize(boost::json::string_view(text))
                             : boost::json::serialize(escape_control(text));
}

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

std::string Statistics::json() const {
  return boost::json::serialize(boost::json::value{
      {"connections", connections},
      {"open", open},
      {"tls", tls},
      {"tls_resumed", tls_resumed},
      {"messages", messages},
      {"recipients", recipients},
      {"bytes", bytes},
      {"bounced", bounced},
      {"deferred", deferred},
      {"content_bounced", content_bounced},
      {"content_deferred", content_deferred},
      {"content_unanswered", content_unanswered},
      {"lost", lost},
      {"refused_otherwise", refused_otherwise},
      {"limited", limited},
      {"dropped", dropped},
      {"stalled", stalled},
      {"garbled", garbled},
      {"endless", endless},
      {"protocol_faults", protocol_faults},
      {"distinct_recipients", distinct_recipients},
      {"duplicate_recipients", duplicate_recipients},
      {"repeated_messages", repeated_messages},
      {"forgetful", forgetful},
  });
}

Result<std::unique_ptr<Book>> Book::open(const BookOptions& options) {
  int fd = -1;
  if (!options.log_file.empty()) {
    fd = ::open(options.log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0)
      return fail(Scope::kProcess, "log-not-writable",
                  options.log_file + ": " + std::strerror(errno));
  }
  if (!options.out_dir.empty()) {
    std::error_code error;
    std::filesystem::create_directories(options.out_dir, error);
    if (error) {
      if (fd >= 0) ::close(fd);
      return fail(Scope::kProcess, "out-not-writable", options.out_dir + ": " + error.message());
    }
  }
  return std::unique_ptr<Book>(new Book(options, fd));
}

Book::~Book() {
  flush();
  if (log_fd_ >= 0) ::close(log_fd_);
}

void Book::accept(std::string_view peer, std::string_view from,
                  const std::vector<std::string>& recipients, std::string_view message_id,
                  std::uint64_t bytes, std::string_view content) {
  statistics_.messages += 1;
  statistics_.recipients += recipients.size();
  statistics_.bytes += bytes;
  std::string file;
  if (!options_.out_dir.empty()) {
    char name[32];
    std::snprintf(name, sizeof name, "%08llu.eml", static_cast<unsigned long long>(++files_));
    file = name;
    std::ofstream(options_.out_dir + '/' + file, std::ios::binary) << content;
  }
  for (const std::string& recipient : recipients) {
    remember(recipient, message_id);
    if (accepted_.size() < options_.keep_records)
      accepted_.push_back({recipient, std::string(message_id), bytes,
                           options_.keep_content ? std::string(content) : std::string()});
    if (log_fd_ < 0) continue;
    (log_lines_ += "{\"at_ms\":") += std::to_string(now_ms());
    append_string(log_lines_ += ",\"peer\":", peer);
    append_string(log_lines_ += ",\"from\":", from);
    append_string(log_lines_ += ",\"rcpt\":", recipient);
    append_string(log_lines_ += ",\"message_id\":", message_id);
    (log_lines_ += ",\"bytes\":") += std::to_string(bytes);
    if (!file.empty()) append_string(log_lines_ += ",\"file\":", file);
    log_lines_ += "}\n";
  }
}

void Book::flush() {
  std::string_view rest = log_lines_;
  while (!rest.empty()) {
    const auto n = ::write(log_fd_, rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) {
      log::error("sink-log-lost", {{"file", options_.log_file}, {"reason", std::strerror(errno)}});
      break;
    }
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  log_lines_.clear();
}

std::uint32_t Book::attempt(std::string_view recipient) {
  const auto key = std::hash<std::string_view>{}(recipient);
  if (attempts_.size() >= options_.remember_recipients && !attempts_.contains(key)) {
    statistics_.forgetful = true;
    return UINT32_MAX;
  }
  return attempts_[key]++;
}

void Book::remember(std::string_view recipient, std::string_view message_id) {
  const auto key = std::hash<std::string_view>{}(recipient);
  if (messages_of_.size() >= options_.remember_recipients ||
      seen_.size() >= options_.remember_recipients) {
    statistics_.forgetful = true;
    return;
  }
  const auto count = ++messages_of_[key];
  statistics_.distinct_recipients += count == 1;
  statistics_.duplicate_recipients += count == 2;
  if (message_id.empty()) return;
  const auto pair = key * 0x9e3779b97f4a7c15ULL ^ std::hash<std::string_view>{}(message_id);
  statistics_.repeated_messages += !seen_.insert(pair).second;
}

}  // namespace hongyan::sink
