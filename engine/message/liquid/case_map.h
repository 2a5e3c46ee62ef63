#pragma once

namespace hongyan::liquid {

// One character for one; what has no such partner stays.
char32_t upper_case(char32_t point);
char32_t lower_case(char32_t point);

}  // namespace hongyan::liquid
