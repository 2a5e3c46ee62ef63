#pragma once

#include <string_view>

namespace hongyan {

// Tells who started us (systemd with Type=notify) how far we are: "READY=1", "STOPPING=1". The
// protocol of sd_notify(3): a datagram to the socket that NOTIFY_SOCKET names. Nothing happens when
// nobody wants to know, or has gone.
void tell_service_manager(std::string_view state);

}  // namespace hongyan
