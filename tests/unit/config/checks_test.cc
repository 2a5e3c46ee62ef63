#include "engine/config/checks.h"

#include <gtest/gtest.h>

#include <string>

namespace hongyan::config {
namespace {

struct Case {
  Check check;
  std::string text;
  bool good;
};

class ConfigCheck : public testing::TestWithParam<Case> {};

TEST_P(ConfigCheck, AcceptsOnlyItsShape) {
  EXPECT_EQ(GetParam().check(GetParam().text).empty(), GetParam().good) << GetParam().text;
}

const Case kCases[] = {
    {check_ip_or_empty, "", true},
    {check_ip_or_empty, "192.0.2.1", true},
    {check_ip_or_empty, "2001:db8::1", true},
    {check_ip_or_empty, "192.0.2.256", false},
    {check_network, "::/0", true},
    {check_network, "192.0.2.1", false},
    {check_network, "192.0.2.0/", false},
    {check_network, "192.0.2.0/-1", false},
    {check_endpoint, "[::1]:80", true},
    {check_endpoint, "::1:80", false},
    {check_endpoint, "[192.0.2.1]:80", false},
    {check_endpoint, "192.0.2.1:65536", false},
    {check_endpoint, ":80", false},
    {check_dns_server, "::1", true},
    {check_host, "mx-1.example.cn", true},
    {check_host, "-mx.example.cn", false},
    {check_host, "mx..example", false},
    {check_domain, "例子.中国", true},
    {check_domain, std::string(64, 'a') + ".example", false},
    {check_domain, "a_b.example", false},
    {check_hook_url, "", true},
    {check_hook_url, "https://hooks.acme.example/new", true},
    {check_hook_url, "http://127.0.0.1:8080/new", true},
    {check_hook_url, "http://[::1]/new", true},
    {check_hook_url, "http://hooks.acme.example/new", false},
    {check_hook_url, "http://127.0.0.1.acme.example/new", false},
    {check_hook_url, "http://127.0.0.1@acme.example/new", false},
    {check_mx_pattern, ".example.cn", true},
    {check_mx_pattern, ".", false},
    {check_mx_pattern, "*.example.cn", false},
    {check_mailbox, "bounce+x@example.cn", true},
    {check_mailbox, "@example.cn", false},
    {check_mailbox, "a b@example.cn", false},
    {check_mailbox, "a\r\nb@example.cn", false},
    {check_mailbox, "a@", false},
    {check_redis_url, "embedded:/var/lib/hongyan", true},
    {check_redis_url, "embedded:", false},
    {check_timezone, "Asia/Shanghai", true},
    {check_timezone, "Shanghai", false},
    {check_provider_name, "other", false},
    {check_provider_name, "netease-vip", true},
    {check_name, "", false},
    {check_name, std::string(65, 'a'), false},
};
INSTANTIATE_TEST_SUITE_P(Table, ConfigCheck, testing::ValuesIn(kCases));

}  // namespace
}  // namespace hongyan::config
