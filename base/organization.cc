// The only file that knows libpsl.
#include "base/organization.h"

#include <libpsl.h>

namespace hongyan {
namespace {

// The newer of the system's list and the one in the library; read once.
const psl_ctx_t* list() {
  static psl_ctx_t* const loaded = psl_latest(nullptr);
  return loaded;
}

}  // namespace

std::string organizational_domain(std::string_view domain) {
  std::string text(domain);
  const char* const registered =
      list() == nullptr ? nullptr : psl_registrable_domain(list(), text.c_str());
  return registered == nullptr ? text : std::string(registered);
}

bool aligns(std::string_view a, std::string_view b) {
  return a == b || organizational_domain(a) == organizational_domain(b);
}

}  // namespace hongyan
