#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

struct evp_pkey_st;
struct x509_st;

namespace hongyan::test {

// A root of ours and the certificates it signs, made on the spot.
class Authority {
 public:
  Authority();
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  void write_root(const std::filesystem::path& file) const;
  // NAME.pem (certificate) and NAME.key into `folder`, for the DNS name, valid from a week before
  // now, or before `until` when that is earlier, until now + `until`.
  void issue(const std::filesystem::path& folder, const std::string& name, const std::string& dns,
             std::chrono::hours until = std::chrono::hours(48)) const;

 private:
  std::shared_ptr<evp_pkey_st> key_;
  std::shared_ptr<x509_st> root_;
};

}  // namespace hongyan::test
