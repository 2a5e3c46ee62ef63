#pragma once

#include "mailbox/catalogue/catalogue.h"

#include <stdexcept>
#include <string>

namespace hongyan::mailbox {

inline std::string sentences(const Faults& faults) {
  std::string all;
  for (const Fault& fault : faults) all += fault.sentence() + "\n";
  return all;
}

// The catalogue of the binary, read once.
inline const Catalogue& built_in() {
  static const Catalogue catalogue = [] {
    auto loaded = Catalogue::built_in();
    if (!loaded) throw std::runtime_error(sentences(loaded.error()));
    return *std::move(loaded);
  }();
  return catalogue;
}

}  // namespace hongyan::mailbox
