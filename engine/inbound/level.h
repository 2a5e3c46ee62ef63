#pragma once

#include "base/mime/mime.h"
#include "engine/inbound/original.h"

#include <string>
#include <string_view>
#include <vector>

namespace hongyan::inbound {

// One message of a mail: the outermost, or one that was forwarded in it. What stands in it, sorted.
struct Level {
  const mime::Fields* fields = nullptr;
  std::string subject;                // decoded, lower case
  std::string type;                   // of the outermost: "multipart/report"; empty for others
  std::string notice;                 // the words, without the returned message
  std::vector<std::string> statuses;  // message/delivery-status and its kin
  std::string_view feedback;          // message/feedback-report
  Original original;                  // what the returned message tells
  std::vector<std::string> own;       // addresses it came from and to
  std::vector<std::string> failed;    // X-Failed-Recipients

  bool from_machine() const;  // of a mailer: null sender, or its name
};

Level make_level(const mime::Mail& mail, int message);

}  // namespace hongyan::inbound
