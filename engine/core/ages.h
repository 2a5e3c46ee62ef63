#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "engine/config/local.h"
#include "metrics/registry.h"

#include <string>
#include <vector>

namespace hongyan::engine {

class DkimKeys;

struct CertificateEnd {
  std::string listener;  // public, inbound
  WallTime at;
};

// When the certificate that a PEM file shows first is over. Errors: "bad-certificate".
Result<WallTime> certificate_end(const std::string& path);

// Those of our own listeners, as they are now: a listener reads its file once, when it opens.
std::vector<CertificateEnd> certificates_of(const config::Local& local);

// What ends or ages by itself, for /metrics: certificates of listeners, keys that sign.
void record_ages(metrics::Registry& registry, const DkimKeys& keys,
                 const std::vector<CertificateEnd>& certificates, WallTime now);

}  // namespace hongyan::engine
