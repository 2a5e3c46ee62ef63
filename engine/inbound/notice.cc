#include "engine/inbound/notice.h"

#include "base/text.h"
#include "engine/answer/reply_text.h"
#include "engine/inbound/addresses.h"
#include "engine/inbound/phrases.h"

#include <algorithm>
#include <cstddef>

namespace hongyan::inbound {
namespace {

constexpr std::size_t kMostWords = 1500;  // about one recipient
constexpr std::size_t kMostFindings = 100;
constexpr std::size_t kMostNotice = 24 * 1024;
// For so many the whole notice is searched for what belongs to them; honest ones have three.
constexpr std::size_t kMostSearched = 10;

// How an address stands in its line.
constexpr int kMentioned = 2;
constexpr int kInFailure = 4;
constexpr int kNamed = 6;
constexpr int kHeads = 8;
// What else is known of it.
constexpr int kWasSentTo = 3;
constexpr int kIsMachine = -5;
constexpr int kIsOwn = -6;

struct Candidate {
  std::string address;
  int points = 0;
  bool lists = false;          // heads a line, and failure is told behind it
  std::size_t line_begin = 0;  // of the line where it got its points
  std::size_t behind = 0;      // the first byte behind the address there
};

bool contains_address(const std::vector<std::string>& list, std::string_view address) {
  return std::ranges::any_of(list, [&](const auto& one) { return ascii_iequals(one, address); });
}

// Nothing but bullets, quoting and a reply's code before the address.
bool is_head(std::string_view before) {
  static constexpr std::string_view kBullets = " \t*->|\"'([<#+.,:;";
  while (!before.empty() && kBullets.contains(before.front())) before.remove_prefix(1);
  for (const std::string_view bullet : {"•", "·", "　", "“", "‘"})
    if (before.starts_with(bullet)) before.remove_prefix(bullet.size());
  before = trim_blanks(before);
  // "550 5.1.1 <a@b>... User unknown", "1. a@b"
  return std::ranges::all_of(before, [](char c) {
    return (c >= '0' && c <= '9') || c == '.' || c == ' ' || c == '-' || c == ')';
  });
}

int points_of(std::string_view before, std::string_view behind, std::string_view line_before) {
  const std::string low =
      ascii_lower(before.substr(before.size() - std::min<std::size_t>(before.size(), 200)));
  if (low.contains("mail from") || low.contains("message-id")) return 0;
  if (low.contains("rcpt to")) return kNamed;
  if (is_head(low)) {
    // "<a@b> (sender)", "a@b wrote:"
    return ascii_lower(behind.substr(0, 40)).contains("wrote") ? 0 : kHeads;
  }
  if (names_another(low)) return 0;
  if (names_recipient(low)) return kNamed;
  const std::string around =
      low + ascii_lower(behind.substr(0, 200)) + ascii_lower(line_before.substr(0, 200));
  return tells_failure(around) ? kInFailure : kMentioned;
}

std::vector<Candidate> find_candidates(std::string_view notice, const Original& original,
                                       const std::vector<std::string>& not_these) {
  std::vector<Candidate> found;
  std::string_view line_before;
  std::string_view rest = notice;
  while (!rest.empty()) {
    const std::size_t begin = notice.size() - rest.size();
    const std::string_view line = mime::take_line(rest);
    for (const Hit& hit : find_addresses(line)) {
      const bool was_sent_to = contains_address(original.recipients, hit.address);
      const bool is_own = !was_sent_to && (contains_address(not_these, hit.address) ||
                                           ascii_iequals(original.sender, hit.address));
      if (ascii_iequals(original.message_id, hit.address)) continue;
      int points = points_of(line.substr(0, hit.begin), line.substr(hit.end), line_before);
      if (points == 0) continue;
      // Who writes to himself may fail too, but only where the notice points at him.
      if (is_own && points < kNamed) continue;
      const bool lists = points == kHeads && tells_failure(ascii_lower(line.substr(hit.end)) +
                                                           ascii_lower(rest.substr(0, 160)));
      if (is_own)
        points += kIsOwn;
      else if (was_sent_to)
        points += kWasSentTo;
      else if (is_machine(hit.address))
        points += kIsMachine;
      const auto known = std::ranges::find_if(
          found, [&](const auto& one) { return ascii_iequals(one.address, hit.address); });
      if (known == found.end()) {
        if (found.size() < kMostFindings)
          found.push_back({hit.address, points, lists, begin, begin + hit.end});
      } else if (points > known->points) {
        *known = {known->address, points, lists, begin, begin + hit.end};
      }
    }
    if (!trim_blanks(line).empty()) line_before = line;
  }
  return found;
}

bool has_code(std::string_view line) {
  return answer::parse_reply_line(line).code != 0;
}

// Lines with a reply's code, together with those that go on behind them; all lines, or those of
// `mention` and where it is mentioned only in the next breath.
std::string reply_lines(std::string_view text, std::string_view mention) {
  std::string found;
  bool goes_on = false;
  while (!text.empty() && found.size() < kMostWords) {
    std::string_view line = trim_blanks(mime::take_line(text));
    if (line.starts_with(">>>")) {  // what was asked, not what was answered
      goes_on = false;
      continue;
    }
    if (line.starts_with("<<<")) line = trim_blanks(line.substr(3));
    // qmail's own words behind the reply: they would be taken for the reason.
    if (line.starts_with("Giving up on") || line.starts_with("I'm not going to try again")) {
      goes_on = false;
      continue;
    }
    const bool starts = has_code(line) && (mention.empty() || ascii_lower(line).contains(mention));
    if (!starts && (!goes_on || line.empty() || !find_addresses(line).empty())) {
      goes_on = false;
      continue;
    }
    goes_on = true;
    if (!found.empty()) found += ' ';
    found += line.substr(0, kMostWords);
  }
  return found;
}

void add_text(std::vector<std::string>& texts, std::string_view text) {
  text = text.substr(0, kMostWords);
  while (!text.empty() && std::string_view(" \t\n>:.,;*").contains(text.front()))
    text.remove_prefix(1);
  text = trim_blanks(text);
  if (text.size() < 4 || !tells_failure(ascii_lower(text))) {
    if (!has_code(text)) return;
  }
  if (std::ranges::find(texts, text) == texts.end()) texts.emplace_back(text);
}

std::vector<std::string> words_between(std::string_view notice, std::string_view recipient,
                                       std::size_t line_begin, std::size_t behind, std::size_t end,
                                       bool search) {
  std::vector<std::string> texts;
  const std::string_view segment = notice.substr(behind, end - behind);
  const std::string_view paragraph = segment.substr(0, segment.find("\n\n"));
  const std::string_view line =
      notice.substr(line_begin, notice.find('\n', line_begin) - line_begin);
  if (has_code(line)) add_text(texts, line);
  add_text(texts, reply_lines(paragraph, ""));
  if (search) {
    add_text(texts, reply_lines(notice, ascii_lower(recipient)));
    add_text(texts, reply_lines(notice, local_part(recipient)));
  }
  add_text(texts, reply_lines(segment, ""));
  add_text(texts, paragraph);
  add_text(texts, segment);
  add_text(texts, line);
  if (search) {
    add_text(texts, reply_lines(notice, ""));
    add_text(texts, notice);
  }
  return texts;
}

}  // namespace

std::vector<Finding> find_failed(std::string_view notice, const Original& original,
                                 const std::vector<std::string>& not_these) {
  notice = notice.substr(0, kMostNotice);
  std::vector<Candidate> candidates = find_candidates(notice, original, not_these);
  int best = 0;
  for (const Candidate& one : candidates) best = std::max(best, one.points);
  // Of a list whose first the returned message names (Exchange returns one of several) all count.
  const bool a_list = best == kHeads + kWasSentTo;
  std::erase_if(candidates, [&](const Candidate& one) {
    return one.points < best && !(a_list && one.lists && one.points == kHeads);
  });
  // Several that are only mentioned: anybody's guess.
  if (best <= kMentioned && candidates.size() != 1) candidates.clear();
  std::ranges::sort(candidates, {}, &Candidate::line_begin);

  std::vector<Finding> found;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& one = candidates[i];
    const std::size_t end = i + 1 < candidates.size()
                                ? std::max(candidates[i + 1].line_begin, one.behind)
                                : notice.size();
    found.push_back({one.address, words_between(notice, one.address, one.line_begin, one.behind,
                                                end, i < kMostSearched)});
  }
  if (!found.empty()) return found;

  // No address at all. Users by their local part; otherwise the only one it was sent to.
  const std::string low = ascii_lower(notice);
  for (const std::string& address : original.recipients) {
    const std::string local = local_part(address);
    const std::size_t at = local.size() < 3 ? std::string::npos : low.find(local);
    if (at == std::string::npos) continue;
    found.push_back({address, words_between(notice, address, at, at + local.size(), notice.size(),
                                            found.size() < kMostSearched)});
  }
  if (found.empty() && original.recipients.size() == 1)
    found.push_back({original.recipients.front(), words_about(notice, "")});
  return found;
}

std::vector<std::string> words_about(std::string_view notice, std::string_view recipient) {
  notice = notice.substr(0, kMostNotice);
  const std::string mention = ascii_lower(recipient);
  const std::size_t at = mention.empty() ? std::string::npos : ascii_lower(notice).find(mention);
  if (at == std::string::npos) {
    std::vector<std::string> texts;
    add_text(texts, reply_lines(notice, ""));
    add_text(texts, notice);
    return texts;
  }
  const std::size_t line = notice.rfind('\n', at);
  return words_between(notice, recipient, line == std::string_view::npos ? 0 : line + 1,
                       at + mention.size(), notice.size(), true);
}

}  // namespace hongyan::inbound
