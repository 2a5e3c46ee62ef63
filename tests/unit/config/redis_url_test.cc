#include "engine/config/redis_url.h"

#include <gmock/gmock.h>

namespace hongyan::config {
namespace {

RedisSettings settings(std::string url, const std::string& password, std::string ca_file) {
  RedisSettings redis{.url = std::move(url), .password = {}, .ca_file = std::move(ca_file)};
  redis.password = Secret::from_environment("NAME");
  redis.password.set_value(password);
  return redis;
}

TEST(RedisUrl, PasswordAndCaBecomeOptionsWhateverBytesTheyHave) {
  EXPECT_EQ(redis_url(settings("rediss://engine@r:6380", "a&?%", "/c")),
            "rediss://engine@r:6380?password=%61%26%3F%25&ca=%2F%63");
  EXPECT_EQ(redis_url(settings("unix:/r.sock?user=engine", "p", "")),
            "unix:/r.sock?user=engine&password=%70");
}

TEST(RedisUrl, AloneItStaysAsItIs) {
  EXPECT_EQ(redis_url(RedisSettings{}), "redis://127.0.0.1:6379");
}

}  // namespace
}  // namespace hongyan::config
