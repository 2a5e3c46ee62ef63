#pragma once

#include "engine/inbound/original.h"

#include <string>
#include <string_view>
#include <vector>

namespace hongyan::inbound {

// A recipient found in the words of a notice, and what was said about it, most telling first.
struct Finding {
  std::string recipient;
  std::vector<std::string> texts;
};

// Who failed, by the look of a notice for people: qmail's "<a@b>:" with the reason below (QSBMF),
// Exim's indented addresses, sendmail's transcripts, Exchange's sentences, Chinese providers'
// labels.
//
// No table of mailers: each address gets points for how it stands there (at the head of a line,
// behind "recipient:" or RCPT TO, in a sentence about a failure), for being one that the returned
// message was sent to, and is out when it stands where senders and help desks do. The best ones are
// the failed ones.
//
// `not_these`: whoever the notice came to or from.
std::vector<Finding> find_failed(std::string_view notice, const Original& original,
                                 const std::vector<std::string>& not_these);

// What a notice says about an address that is known from elsewhere.
std::vector<std::string> words_about(std::string_view notice, std::string_view recipient);

}  // namespace hongyan::inbound
