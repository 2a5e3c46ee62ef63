#include "engine/inbound/judge.h"

#include "base/text.h"
#include "engine/answer/reply_text.h"

namespace hongyan::inbound {
namespace {

using answer::Group;

// A status that says no more than that it failed, or that it was tried for too long: what the
// receiver itself said counts for more.
bool is_vague(std::string_view status) {
  return status.empty() || status.ends_with(".0") || status == "4.4.7" || status == "5.4.7";
}

std::string host_in(std::string_view text) {
  text =
      trim_blanks(text.substr(text.find(';') == std::string_view::npos ? 0 : text.find(';') + 1));
  std::string host = ascii_lower(text.substr(0, text.find_first_of(" ([,")));
  while (host.ends_with('.')) host.pop_back();
  return host;
}

}  // namespace

void Judge::judge(const Evidence& evidence, Report& report) const {
  std::string_view provider;
  if (provider_of_host_ && !evidence.host.empty())
    provider = provider_of_host_(host_in(evidence.host));
  report.status = evidence.status;
  answer::Meaning best;
  bool coded = !evidence.status.empty();
  for (const std::string& text : evidence.texts) {
    answer::ReplyLine reply = answer::parse_reply_line(text);
    if (reply.text.empty() && reply.code == 0) continue;
    if (report.reply.empty()) report.reply = answer::readable(text);
    if (is_vague(report.status) && !reply.enhanced.empty() &&
        (!is_vague(reply.enhanced) || report.status.empty()))
      report.status = reply.enhanced;
    const std::string& status = reply.enhanced.empty() ? report.status : reply.enhanced;
    coded |= reply.code != 0 || !reply.enhanced.empty();
    const answer::Meaning meaning =
        classifier_->classify({provider, scheduler::Stage::kRcpt, reply.code, status, reply.text});
    if (meaning.group == Group::kOther) continue;
    best = meaning;
    if (&text != &evidence.texts.front()) report.reply = answer::readable(text);
    break;
  }
  if (best.group == Group::kOther && !report.status.empty())
    best = classifier_->classify({provider, scheduler::Stage::kRcpt, 0, report.status, ""});
  report.group = best.group;
  report.rule = best.rule_name();
  // A notice in words alone has no digit to go by; that it was given up is what it says.
  report.suppress = report.kind == Kind::kBounce &&
                    (best.suppress || (!coded && best.kind != nullptr && best.kind->suppress));
}

}  // namespace hongyan::inbound
