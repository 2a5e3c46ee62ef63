#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace hongyan {

// Bytes that nobody else may learn: a password, a key.
//
// They live in pages of their own, which stay out of core dumps (MADV_DONTDUMP) and, while the
// limit of locked memory lasts, out of swap; they are overwritten when the object goes or is
// assigned to. Cannot be copied, printed or turned into a string by accident: only reveal() shows
// them, and a view of it must not outlive the object. OpenSSL's secure heap would do the same, but
// OpenSSL keeps TLS keys in it too, and a full one fails handshakes.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::size_t size);  // zeros, to be written through bytes()
  static Secret copy_of(std::string_view bytes);
  // Moves what a library returned as a string: wipes the string, its spare room too.
  static Secret take(std::string& bytes);
  static Secret take(std::string&& bytes) { return take(bytes); }

  ~Secret();
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;

  std::string_view reveal() const { return {data_, size_}; }
  std::span<unsigned char> bytes();
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // Drops everything behind the first `size` bytes.
  void cut(std::size_t size);

  // In a time that does not tell where they differ.
  friend bool operator==(const Secret& a, const Secret& b);

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t mapped_ = 0;
};

// Overwrites a string that held a secret, its spare room too, and empties it.
void wipe(std::string& text);

// From now on this process leaves no core dump and only root may look into its memory and
// environment (PR_SET_DUMPABLE). For programs that hold a master key, first thing in main: it also
// keeps debuggers of the same user away, so it is not done behind anybody's back.
void forbid_core_dumps();

}  // namespace hongyan
