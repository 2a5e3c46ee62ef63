#include "engine/core/ages.h"

#include "engine/core/dkim_keys.h"
#include "metrics/catalogue.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <ctime>
#include <map>
#include <memory>

namespace hongyan::engine {
namespace {

double seconds(Millis time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

Result<WallTime> certificate_end(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                             std::fclose);
  if (!file) return fail(Scope::kProcess, "bad-certificate", path + " cannot be read");
  const std::unique_ptr<X509, void (*)(X509*)> certificate(
      PEM_read_X509(file.get(), nullptr, nullptr, nullptr), X509_free);
  std::tm end{};
  if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1)
    return fail(Scope::kProcess, "bad-certificate", path + " has no certificate");
  return WallTime(std::chrono::seconds(timegm(&end)));
}

std::vector<CertificateEnd> certificates_of(const config::Local& local) {
  std::vector<CertificateEnd> all;
  const auto add = [&all](std::string listener, bool open, const std::string& path) {
    if (!open || path.empty()) return;
    // A file that cannot be read is the listener's to complain about.
    if (const auto at = certificate_end(path)) all.push_back({std::move(listener), *at});
  };
  add("public", !local.public_pages.listen.empty(), local.public_pages.certificate_file);
  add("inbound", !local.inbound.listen.empty(), local.inbound.certificate_file);
  return all;
}

void record_ages(metrics::Registry& registry, const DkimKeys& keys,
                 const std::vector<CertificateEnd>& certificates, WallTime now) {
  for (const CertificateEnd& one : certificates)
    registry.set(metrics::kCertificateExpires, {one.listener}, seconds(one.at - now));
  // Keys of several domains may share a selector: the oldest stands for them.
  std::map<std::pair<std::string, std::string>, WallTime> oldest;
  for (const DkimKeys::Made& key : keys.made()) {
    auto& at = oldest.try_emplace({key.channel, key.selector}, key.at).first->second;
    at = std::min(at, key.at);
  }
  for (const auto& [key, at] : oldest)
    registry.set(metrics::kDkimKeyAge, {key.first, key.second}, seconds(now - at));
}

}  // namespace hongyan::engine
