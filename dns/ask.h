#pragma once

#include "base/async/task.h"
#include "dns/channel.h"

#include <string>

namespace hongyan::dns {

// One question for a task that asks now and then: no cache, nothing shared. The channel must
// outlive the task. Errors: those of Channel and parse_answer(); a cancelled one is
// "dns-cancelled".
async::Task<Result<Answer>> ask(Channel& channel, std::string name, Type type);

}  // namespace hongyan::dns
