#include "store/library.h"

#include "base/keyed_hash.h"

#include <gtest/gtest.h>

namespace hongyan::store {
namespace {

std::string fingerprint(std::string_view text) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char byte : keyed_hash(kLibraryName, "functions", text).substr(0, 16)) {
    hex += kDigits[static_cast<unsigned char>(byte) >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

// An engine leaves functions of its own revision in Redis as they are: with a change that keeps the
// number some engines would run the old text, and only the order of starts says which.
TEST(Library, ItsRevisionGrowsWithEveryChangeOfTheFunctions) {
  EXPECT_EQ(fingerprint(library_source()), kLibraryFingerprint)
      << "store/functions are not those of revision " << kLibraryRevision
      << ": raise kLibraryRevision in store/library.h by one, build and run this test again, and "
         "write what it then computes into kLibraryFingerprint. After a merge in which both sides "
         "raised it: once more.";
}

}  // namespace
}  // namespace hongyan::store
