#include "mailbox/vault/key_file.h"

#include "base/file_descriptor.h"

#include <openssl/crypto.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hongyan::vault {
namespace {

constexpr std::size_t kMostBytes = 4096;

std::unexpected<Error> bad_file(const std::filesystem::path& path, const std::string& what) {
  return fail(Scope::kProcess, "vault-key-file", path.string() + ": " + what);
}

std::string errno_text() {
  return std::strerror(errno);
}

std::string octal(mode_t mode) {
  std::string text;
  for (int shift = 9; shift >= 0; shift -= 3) text += static_cast<char>('0' + (mode >> shift & 7));
  return text;
}

}  // namespace

Result<Secret> read_private_file(const std::filesystem::path& path) {
  const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat about{};
  if (file.fd() < 0 || fstat(file.fd(), &about) != 0)
    return bad_file(path, "cannot be read: " + errno_text());
  if (!S_ISREG(about.st_mode)) return bad_file(path, "is no regular file");
  if ((about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return fail(Scope::kProcess, "vault-key-mode",
                path.string() + ": others than its owner may use it (mode " + octal(about.st_mode) +
                    "); close it with: chmod 600 " + path.string());
  Secret text(kMostBytes);
  std::size_t size = 0;
  for (ssize_t got = 1; got > 0 && size < text.size(); size += static_cast<std::size_t>(got)) {
    got = read(file.fd(), text.bytes().data() + size, text.size() - size);
    if (got < 0) return bad_file(path, "cannot be read: " + errno_text());
  }
  if (size == text.size()) return bad_file(path, "is too large for a key or a passphrase");
  text.cut(size);
  return text;
}

Result<MasterKey> load_key(const std::filesystem::path& path) {
  auto text = read_private_file(path);
  if (!text) return std::unexpected(std::move(text.error()));
  auto key = MasterKey::parse(*text);
  if (!key) key.error().detail = path.string() + ": " + key.error().detail;
  return key;
}

Result<void> save_key(const MasterKey& key, const std::filesystem::path& path) {
  const FileDescriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (file.fd() < 0 && errno == EEXIST)
    return fail(Scope::kProcess, "vault-key-exists",
                path.string() +
                    ": exists and is not overwritten: without the old key what is "
                    "sealed under it is lost");
  if (file.fd() < 0) return bad_file(path, "cannot be written: " + errno_text());
  const Secret text = key.text();
  const Secret line = [&] {
    Secret made(text.size() + 1);
    std::memcpy(made.bytes().data(), text.reveal().data(), text.size());
    made.bytes()[text.size()] = '\n';
    return made;
  }();
  if (write(file.fd(), line.reveal().data(), line.size()) != static_cast<ssize_t>(line.size()) ||
      fsync(file.fd()) != 0) {
    const std::string why = errno_text();
    unlink(path.c_str());
    return bad_file(path, "cannot be written: " + why);
  }
  return {};
}

Result<std::optional<MasterKey>> take_key_of_environment() {
  const std::string name(kKeyVariable);
  char* const value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') return std::nullopt;
  const Secret text = Secret::copy_of(value);
  OPENSSL_cleanse(value, text.size());
  unsetenv(name.c_str());
  auto key = MasterKey::parse(text);
  if (key) return std::move(*key);
  key.error().detail = name + " " + key.error().detail;
  return std::unexpected(std::move(key.error()));
}

}  // namespace hongyan::vault
