#include "base/file_descriptor.h"
#include "base/time_text.h"
#include "engine/dkim/key.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace hongyan::dkim {
namespace {

constexpr std::string_view kMade = "Made: ";
constexpr std::size_t kMostBytes = 64 << 10;
constexpr mode_t kOfOthers = S_IWGRP | S_IRWXO;  // a group may read: root:hongyan 0640 is common

std::unexpected<Error> bad_key(std::string detail) {
  return fail(Scope::kProcess, "bad-key", std::move(detail));
}

std::string errno_text() {
  return std::strerror(errno);
}

}  // namespace

Result<Key> load_key(const std::filesystem::path& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat about{};
  if (file.fd() < 0 || fstat(file.fd(), &about) != 0)
    return bad_key("cannot be read: " + errno_text());
  if (!S_ISREG(about.st_mode)) return bad_key("is no regular file");
  if ((about.st_mode & kOfOthers) != 0)
    return bad_key("may be read or written by others; chmod 600 closes it");
  std::string pem(kMostBytes, '\0');
  const ssize_t size = read(file.fd(), pem.data(), pem.size());
  if (size < 0) return bad_key("cannot be read: " + errno_text());
  pem.resize(static_cast<std::size_t>(size));
  auto key = Key::parse(pem);
  if (!key || key->algorithm() != Algorithm::kRsaSha256) return key;
  const std::string bits = std::to_string(key->bits());
  if (key->bits() < kLeastRsaBits)
    return bad_key("is an RSA key of " + bits + " bits; at least 2048 are needed");
  if (key->bits() > kMostRsaBits)
    return bad_key("is an RSA key of " + bits + " bits; receivers verify 4096 at most");
  return key;
}

Result<WallTime> key_made_at(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  if (std::getline(file, line) && line.starts_with(kMade))
    if (const auto at = parse_rfc3339(std::string_view(line).substr(kMade.size()))) return *at;
  struct stat about{};
  if (stat(path.c_str(), &about) != 0) return bad_key("cannot be read: " + errno_text());
  return WallTime(std::chrono::seconds(about.st_mtim.tv_sec));
}

Result<void> save_key(const Key& key, const std::filesystem::path& path, WallTime made) {
  const FileDescriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (file.fd() < 0 && errno == EEXIST)
    return fail(Scope::kProcess, "key-exists", "exists and is not overwritten");
  if (file.fd() < 0) return bad_key("cannot be written: " + errno_text());
  const std::string pem = std::string(kMade) + format_rfc3339(made) + '\n' + key.pem();
  if (write(file.fd(), pem.data(), pem.size()) != static_cast<ssize_t>(pem.size()) ||
      fsync(file.fd()) != 0) {
    const std::string why = errno_text();
    unlink(path.c_str());
    return bad_key("cannot be written: " + why);
  }
  return {};
}

std::string record_name(std::string_view selector, std::string_view domain) {
  return std::string(selector) + "._domainkey." + std::string(domain);
}

std::string zone_line(std::string_view name, std::string_view record) {
  constexpr std::size_t kMostString = 255;
  std::string line(name);
  line += ". IN TXT (";
  for (std::size_t at = 0; at < record.size(); at += kMostString) {
    line += " \"";
    line += record.substr(at, kMostString);
    line += '"';
  }
  return line + " )";
}

}  // namespace hongyan::dkim
