#pragma once

#include <cstddef>

namespace hongyan::imap {

// What of a server's words is taken at most. More ends the connection: nobody honest sends it, for
// the commands of this client ask for the front of a text and for a few messages at a time.
struct Limits {
  std::size_t line = 64 * 1024;        // without the octets of literals
  std::size_t literal = 256 * 1024;    // a header of a thousand recipients has 40 KiB
  std::size_t response = 1024 * 1024;  // a whole one, literals included
  int depth = 32;                      // lists in lists
  std::size_t values = 4096;           // of one response
};

}  // namespace hongyan::imap
