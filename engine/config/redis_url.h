#pragma once

#include "engine/config/local.h"

#include <string>

namespace hongyan::config {

// `redis.url` with what else its table says, as options of the URL: `redis.password` belongs to the
// user in it, so one cannot be judged without the other. It holds the secret: for store/redis only.
std::string redis_url(const RedisSettings& redis);

}  // namespace hongyan::config
