#pragma once

#include <random>

namespace hongyan {

// Passed in wherever chance decides, so that tests own the seed. Not for secrets.
using Random = std::mt19937_64;

}  // namespace hongyan
