#pragma once

#include "engine/check/finding.h"
#include "engine/job/job.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hongyan::check {

enum class Kind : unsigned char { kCommercial, kTransactional };

// How much of what is looked at goes to China, for the rules that hold there only.
struct Market {
  std::uint64_t recipients = 0;
  std::uint64_t chinese = 0;  // addresses at Chinese receivers or below .cn
  bool named = false;         // the operator said so, or the message speaks Chinese and has no list
};

// What the recipients' own values make of the message.
struct Samples {
  std::vector<std::string> subjects;  // as read, of the first rows
  std::size_t largest = 0;            // bytes on the wire
  std::size_t rows = 0;               // rendered
  struct Missing {
    std::string variable;
    std::size_t rows = 0;  // that were refused for it
  };
  std::vector<Missing> missing;
};

// What the channel adds to a message whose campaign has no [list_unsubscribe].
struct Offer {
  bool known = false;  // there is a channel to look at
  bool one_click = false;
  bool mailto = false;
  std::vector<std::string> variables{};  // that the engine makes for each recipient
};

// Headers of bulk mail, parts, sizes.
void check_message(const job::Job& job, Kind kind, const Offer& offer, const Samples& samples,
                   Findings& findings);

// Each distinct subject once; the template itself when there are no samples.
void check_subjects(const std::vector<std::string>& subjects, Kind kind, const Market& market,
                    Findings& findings);

// href and src of the html, its images and unclosed tags; addresses in the text.
void check_html(std::string_view html, Findings& findings);

// `columns`: of the list; `known`: whether there is a list that names them.
void check_variables(const job::Job& job, const Offer& offer,
                     const std::vector<std::string>& columns, bool known, const Samples& samples,
                     Findings& findings);

// Whether a text has Chinese characters.
bool has_han(std::string_view text);
// 广告 or AD as its first word, in brackets or not.
bool has_ad_label(std::string_view subject);
// "Re:", "Fwd:", "回复：" and their like in front; empty: none.
std::string_view reply_prefix(std::string_view subject);

}  // namespace hongyan::check
