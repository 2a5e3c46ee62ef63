#pragma once

#include "base/clock.h"
#include "base/json.h"
#include "mailbox/imap/message.h"

#include <string>
#include <string_view>

// What reading a mailbox goes by; pure. A `draw` is in [0, 1).
namespace hongyan::mailbox {

// A quarter more or less than the interval: mailboxes that were bound together do not call
// together.
Millis next_look(Millis interval, double draw);

// Until a server is tried again that could not be reached `failures` times (1 ...): from some
// seconds to 10 min.
Millis back_off(int failures, double draw);

// The data of the event mailbox.message.
Json message_json(std::string_view mailbox, const imap::MessageHead& head);

}  // namespace hongyan::mailbox
