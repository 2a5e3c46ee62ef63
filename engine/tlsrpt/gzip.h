#pragma once

#include <string>
#include <string_view>

namespace hongyan::tlsrpt {

// A gzip file (RFC 1952) without name and time: the same bytes give the same file.
std::string gzip(std::string_view bytes);

}  // namespace hongyan::tlsrpt
