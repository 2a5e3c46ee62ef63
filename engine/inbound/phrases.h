#pragma once

#include <string_view>

// Words by which people and programs tell one kind of mail from another. All arguments but where
// said are lower case UTF-8.
namespace hongyan::inbound {

// Of a subject: it announces that something could not be delivered, or is late.
bool announces_failure(std::string_view subject);
bool announces_delay(std::string_view subject);
// Of a subject: a machine answers for a person.
bool announces_absence(std::string_view subject);
// Of a subject or a first line: nothing but the wish to leave a list.
bool asks_to_leave(std::string_view line);

// Of the text of a notice: delivery is still tried / was given up.
bool still_tries(std::string_view text);
bool gave_up(std::string_view text);
// A sentence that says why something did not arrive.
bool tells_failure(std::string_view text);

// What stands before an address: "recipient:", "rcpt to:<", "收件人："...
bool names_recipient(std::string_view before);
// "from:", "contact", "message-id:": the address behind it is somebody else's.
bool names_another(std::string_view before);

// A line that separates the notice from the message it returns.
bool begins_original(std::string_view line);

}  // namespace hongyan::inbound
