#pragma once

#include "base/error.h"

#include <string>

namespace hongyan::sink {

struct Certificate {
  std::string chain_pem;
  std::string key_pem;
};

// Self-signed, P-256, for `host`, localhost and 127.0.0.1, ten years from yesterday.
Result<Certificate> make_certificate(const std::string& host);

}  // namespace hongyan::sink
