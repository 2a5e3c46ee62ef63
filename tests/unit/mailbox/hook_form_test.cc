#include "mailbox/office/hook_form.h"

#include <gtest/gtest.h>

namespace hongyan::mailbox {
namespace {

TEST(HookForm, UrlsAreTakenApart) {
  const auto plain = read_hook_url("http://[::1]:8080").value();
  EXPECT_EQ(plain.host, "::1");
  EXPECT_EQ(plain.port, 8080);
  EXPECT_EQ(plain.target, "/");
  EXPECT_FALSE(plain.tls);
  const auto usual = read_hook_url("https://hooks.acme.example/hongyan/new").value();
  EXPECT_EQ(usual.host, "hooks.acme.example");
  EXPECT_EQ(usual.port, 443);
  EXPECT_EQ(usual.target, "/hongyan/new");
  EXPECT_TRUE(usual.tls);
  EXPECT_EQ(read_hook_url("http://127.0.0.1/x")->port, 80);
  for (const char* wrong : {"", "ftp://a/b", "https://", "https://a:99999/", "https://a:/x"})
    EXPECT_FALSE(read_hook_url(wrong)) << wrong;
}

// As `printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac secret` says.
TEST(HookForm, TimeAndBodyAreSigned) {
  EXPECT_EQ(hook_signature("secret", 1'700'000'000, "{\"a\":1}"),
            "t=1700000000,v1="
            "49f24e537407743fa4a0242bb63b94b9a47ee99cbbe071ccd8a22550ae411686");
}

TEST(HookForm, WhatARefusalMeans) {
  EXPECT_EQ(hook_answer(204), HookAnswer::kTaken);
  for (const int status : {0, 302, 408, 425, 429, 500, 503})
    EXPECT_EQ(hook_answer(status), HookAnswer::kLater) << status;
  for (const int status : {400, 401, 404, 410})
    EXPECT_EQ(hook_answer(status), HookAnswer::kRefused) << status;
}

}  // namespace
}  // namespace hongyan::mailbox
