// What Redis and the queue hold is written by others: whatever comes as a record or as a sealed
// secret is refused in bounded time and memory, and never opens.
#include "mailbox/vault/record.h"
#include "mailbox/vault/sealed_secret.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace hongyan;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const vault::KeyRing ring{vault::MasterKey::generate()};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // Most texts would be of an unknown key.
  const std::string ours = "1." + ring.current.id() + "." + std::string(text);
  for (const std::string_view record : {text, std::string_view(ours)})
    if (vault::open_record(ring, {"li@163.example"}, record)) std::abort();
  if (vault::open_secret(ring, {"acme", "li@163.example"}, text)) std::abort();
  (void)vault::parse_public_key(text);
  return 0;
}
