#include "cli/secret_prompt.h"

#include <cerrno>
#include <iostream>
#include <string>
#include <termios.h>
#include <unistd.h>

namespace hongyan::cli {
namespace {

std::unexpected<Error> no_secret(const std::string& why) {
  return fail(Scope::kProcess, "no-secret", why);
}

// Byte by byte and without signals while it lives: an interrupted program would leave a terminal
// that shows nothing.
class Unseen {
 public:
  Unseen() : known_(tcgetattr(STDIN_FILENO, &before_) == 0) {
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | ISIG);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    known_ = known_ && tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) == 0;
  }
  ~Unseen() {
    if (known_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;
  bool works() const { return known_; }

 private:
  termios before_{};
  bool known_;
};

ssize_t read_some(unsigned char* into, std::size_t most) {
  ssize_t got = -1;
  do got = read(STDIN_FILENO, into, most);
  while (got < 0 && errno == EINTR);
  return got;
}

// Characters are taken back whole: the bytes of UTF-8 behind the first are 10xxxxxx.
std::size_t without_last(const Secret& text, std::size_t size) {
  while (size > 0 && (static_cast<unsigned char>(text.reveal()[size - 1]) & 0xC0) == 0x80) --size;
  return size > 0 ? size - 1 : 0;
}

// What is typed until Enter; the number of bytes, or why there is none.
Result<std::size_t> read_typed(Secret& text) {
  constexpr unsigned char kCtrlC = 3;
  constexpr unsigned char kCtrlD = 4;
  constexpr unsigned char kCtrlU = 21;
  constexpr unsigned char kCtrlBackslash = 28;
  constexpr unsigned char kDelete = 127;
  std::size_t size = 0;
  for (;;) {
    if (size == text.size()) return no_secret("that is too long for a secret");
    unsigned char& byte = text.bytes()[size];
    if (read_some(&byte, 1) != 1 || byte == kCtrlC || byte == kCtrlBackslash)
      return no_secret("nothing was read");
    if (byte == '\r' || byte == '\n' || byte == kCtrlD) return size;
    if (byte == kDelete || byte == '\b')
      size = without_last(text, size);
    else if (byte == kCtrlU)
      size = 0;
    else
      ++size;
  }
}

Result<std::size_t> read_piped(Secret& text) {
  std::size_t size = 0;
  for (;;) {
    const ssize_t got = read_some(text.bytes().data() + size, text.size() - size);
    if (got < 0) return no_secret("standard input cannot be read");
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size == text.size()) return no_secret("that is too long for a secret");
  }
  if (size > 0 && text.reveal()[size - 1] == '\n') --size;
  if (size > 0 && text.reveal()[size - 1] == '\r') --size;
  return size;
}

}  // namespace

Result<Secret> read_secret(std::string_view prompt, std::size_t most) {
  Secret text(most + 2);  // room to see that it is too long, and for a line end
  Result<std::size_t> size = 0;
  if (isatty(STDIN_FILENO) == 1) {
    const Unseen unseen;
    if (!unseen.works()) return no_secret("this terminal cannot hide what is typed");
    std::cerr << prompt << std::flush;
    size = read_typed(text);
    std::cerr << '\n';
  } else {
    size = read_piped(text);
  }
  if (!size) return std::unexpected(std::move(size.error()));
  if (*size == 0) return no_secret("the secret is empty");
  if (*size > most) return no_secret("that is too long for a secret");
  text.cut(*size);
  return text;
}

}  // namespace hongyan::cli
