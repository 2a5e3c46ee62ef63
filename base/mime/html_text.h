#pragma once

#include <string>
#include <string_view>

namespace hongyan::mime {

// Text of an HTML part: tags away, entities undone, blocks on lines of their own.
std::string text_of_html(std::string_view html);

}  // namespace hongyan::mime
