#pragma once

#include "dns/wire.h"

#include <string>

namespace hongyan::dns {

// Asks the DNS and has the answer at once, as far as the caller can see: for evaluations that walk
// from answer to answer (SPF). A real one waits, a test's has them in a table.
class Lookup {
 public:
  virtual ~Lookup() = default;
  // Errors: those of Channel and parse_answer(); a rcode is no error.
  virtual Result<Answer> ask(const std::string& name, Type type) = 0;
};

}  // namespace hongyan::dns
