#include "engine/inbound/judge.h"

#include "base/text.h"
#include "engine/answer/reply_text.h"
#include "engine/inbound/mailer_words.h"

#include <algorithm>
#include <array>

namespace hongyan::inbound {
namespace {

using answer::Group;

// How much a status says: nothing, that it failed, where, or why. That it was tried for too long
// (RFC 3463 4.4.7) says less than what was the matter when it was tried.
int weight(std::string_view status) {
  if (status.empty()) return 0;
  if (status.ends_with(".0.0")) return 1;
  if (status.ends_with(".0") || status.ends_with(".4.7")) return 2;
  return 3;
}

// The status in a text that says most, the first of equals.
std::string best_status(std::string_view text) {
  std::string best;
  for (int i = 0; i < 8; ++i) {
    const std::string_view status = answer::find_status(text);
    if (status.empty()) break;
    if (weight(status) > weight(best)) best = status;
    text.remove_prefix(static_cast<std::size_t>(status.data() + status.size() - text.data()));
  }
  return best;
}

std::string host_in(std::string_view text) {
  const std::size_t type = text.find(';');
  text = trim_blanks(text.substr(type == std::string_view::npos ? 0 : type + 1));
  std::string host = ascii_lower(text.substr(0, text.find_first_of(" ([,")));
  while (host.ends_with('.')) host.pop_back();
  return host;
}

// What follows the words by which mailers introduce the reply of another.
std::string_view behind_introduction(std::string_view text) {
  static constexpr std::array<std::string_view, 10> kIntroductions = {
      "said: ",    "returned was: ", "response was: ", "responded with ", "returned '",
      "replied: ", "response: ",     "server: ",       "(reason: ",       "after end of data: "};
  std::size_t behind = 0;
  for (const std::string_view one : kIntroductions)
    if (const std::size_t at = text.find(one); at != std::string_view::npos)
      behind = std::max(behind, at + one.size());
  return text.substr(behind);
}

}  // namespace

struct Judge::Opinion {
  answer::Meaning meaning;
  Group group = Group::kOther;
  std::string status;
  std::string reply;   // what of the text counted
  bool coded = false;  // a reply's code or status stands in it
  bool sure = false;   // words say so, not only the code
};

Judge::Opinion Judge::opinion_of(std::string_view text, std::string_view status,
                                 std::string_view provider) const {
  Opinion opinion;
  opinion.status = best_status(text);
  if (std::string_view reply = behind_introduction(text); reply.size() < text.size())
    if (answer::parse_reply_line(reply).code != 0) text = reply;
  opinion.reply = answer::readable(text);
  const answer::ReplyLine reply = answer::parse_reply_line(text);
  opinion.coded = reply.code != 0 || !reply.enhanced.empty();
  const auto by_words = group_of_mailer_words(text);
  if (reply.code == 0 && by_words) {
    opinion.group = *by_words;
    opinion.sure = true;
    return opinion;
  }
  opinion.meaning = classifier_->classify(
      {provider, scheduler::Stage::kRcpt, reply.code,
       reply.enhanced.empty() ? status : std::string_view(reply.enhanced), reply.text});
  opinion.group = opinion.meaning.group;
  opinion.sure = opinion.meaning.rule != nullptr && !opinion.meaning.rule->match.empty();
  if (!opinion.sure && by_words) {
    opinion.meaning = {};
    opinion.group = *by_words;
    opinion.sure = true;
  }
  return opinion;
}

void Judge::judge(const Evidence& evidence, Report& report) const {
  std::string_view provider;
  if (provider_of_host_ && !evidence.host.empty())
    provider = provider_of_host_(host_in(evidence.host));
  report.status = evidence.status;
  bool coded = !evidence.status.empty();
  Opinion best;
  const auto ask = [&](const std::vector<std::string>& texts, bool said) {
    for (const std::string& text : texts) {
      Opinion opinion = opinion_of(text, report.status, provider);
      // The receiver's own reply knows better than the mailer that reports it.
      if (weight(opinion.status) + (said ? 1 : 0) > weight(report.status))
        report.status = opinion.status;
      coded |= opinion.coded;
      if (report.reply.empty()) report.reply = opinion.reply;
      const bool better =
          best.group == Group::kOther ? opinion.group != Group::kOther : opinion.sure && !best.sure;
      if (better) {
        report.reply = opinion.reply;
        best = std::move(opinion);
      }
      if (best.sure || (said && best.group != Group::kOther)) return;
    }
  };
  ask(evidence.said, true);
  if (best.group == Group::kOther) ask(evidence.told, false);
  if (best.group == Group::kOther && !report.status.empty()) {
    best.meaning = classifier_->classify({provider, scheduler::Stage::kRcpt, 0, report.status, ""});
    best.group = best.meaning.group;
  }
  // Late for reasons that nobody tells.
  if (best.group == Group::kOther && report.kind == Kind::kDelay)
    best.group = Group::kNetworkOrExpired;
  report.group = best.group;
  report.rule = best.meaning.rule_name();
  // A notice in words alone has no digit to go by; that it was given up is what it says.
  const answer::Kind* kind = best.meaning.kind;
  report.suppress = report.kind == Kind::kBounce &&
                    (best.meaning.suppress || (!coded && kind != nullptr && kind->suppress));
}

}  // namespace hongyan::inbound
