#include "engine/check/message_rules.h"

#include "base/text.h"
#include "engine/check/template_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace hongyan::check {
namespace {

constexpr std::size_t kClipped = 102 * 1024;
constexpr std::size_t kLarge = 1024 * 1024;
constexpr std::size_t kTooLarge = 10 * 1024 * 1024;
constexpr std::string_view kRefusalWords[] = {"unsubscribe",
                                              "opt out",
                                              "opt-out",
                                              "\u9000\u8ba2",
                                              "\u9000\u8a02",
                                              "\u53d6\u6d88\u8ba2\u9605",
                                              "\u62d2\u6536",
                                              "\u62d2\u7edd\u63a5\u6536",
                                              "abmelden",
                                              "abbestellen",
                                              "d\u00e9sabonner",
                                              "d\u00e9sinscri",
                                              "darse de baja",
                                              "cancelar suscripci\u00f3n",
                                              "\u914d\u4fe1\u505c\u6b62"};

std::string size_text(std::size_t bytes) {
  return bytes >= kLarge ? fmt::format("{:.1f} MB", static_cast<double>(bytes) / (1024.0 * 1024.0))
                         : fmt::format("{} kB", (bytes + 1023) / 1024);
}

bool says_how_to_refuse(const job::Job& job) {
  const std::string all = ascii_lower(job.text.value_or("") + "\n" + job.html.value_or(""));
  return std::ranges::any_of(kRefusalWords,
                             [&](std::string_view word) { return all.contains(word); });
}

// A campaign without a way of its own gets the channel's.
void check_offer(const Offer& offer, Findings& findings) {
  if (offer.one_click) return;
  if (!offer.known)
    findings.add("not-checked",
                 "the campaign has no [list_unsubscribe]; whether its channel adds one");
  else if (offer.mailto)
    findings.add("no-one-click", "the channel adds a mailto: and has no unsubscribe_url");
  else
    findings.add("no-unsubscribe-header",
                 "neither has the campaign [list_unsubscribe] nor the "
                 "channel unsubscribe_url");
}

void check_unsubscribe(const job::Job& job, const Offer& offer, Findings& findings) {
  if (!job.list_unsubscribe) {
    check_offer(offer, findings);
  } else if (const auto& way = *job.list_unsubscribe; way.url.empty()) {
    findings.add("no-one-click", "[list_unsubscribe] has no url, so there is nothing to POST to");
  } else {
    if (!way.one_click) findings.add("no-one-click", "[list_unsubscribe] says one_click = false");
    if (used_variables(way.url).empty())
      findings.add("unsubscribe-not-personal", "everybody's link is the same: " + way.url);
  }
  if (!says_how_to_refuse(job))
    findings.add("no-visible-unsubscribe",
                 "neither text nor html says how to unsubscribe, in any language known here");
}

}  // namespace

void check_message(const job::Job& job, Kind kind, const Offer& offer, const Samples& samples,
                   Findings& findings) {
  if (kind == Kind::kCommercial) check_unsubscribe(job, offer, findings);
  if (!job.text) findings.add("no-text-part", "the message has html and no text of its own");
  if (job.html && job.html->size() > kClipped)
    findings.add("html-clipped", "the html has " + size_text(job.html->size()) + " as written");
  if (samples.largest > kTooLarge)
    findings.add("message-too-large", "a message has " + size_text(samples.largest));
  else if (samples.largest > kLarge)
    findings.add("message-large", "a message has " + size_text(samples.largest));
}

void check_variables(const job::Job& job, const Offer& offer,
                     const std::vector<std::string>& columns, bool known, const Samples& samples,
                     Findings& findings) {
  std::map<std::string, std::pair<bool, std::string>> uses;  // name to needed, first place
  const auto look = [&](std::string_view text, const std::string& where) {
    for (const VariableUse& use : used_variables(text)) {
      auto& [needed, place] = uses[use.name];
      needed = needed || !(use.has_default || job.unknown_is_empty);
      if (place.empty()) place = where;
    }
  };
  look(job.subject, "subject");
  look(job.text.value_or(""), "text");
  look(job.html.value_or(""), "html");
  for (const auto& [name, value] : job.headers) look(value, "header " + name);
  if (job.list_unsubscribe) look(job.list_unsubscribe->url, "list_unsubscribe");

  std::set<std::string> told;
  for (const auto& [variable, rows] : samples.missing) {
    // As it is written: of `shop.name` the list has the column `shop`.
    const std::string column = variable.substr(0, variable.find_first_of(".["));
    const auto use = uses.find(column);
    const std::string where = use == uses.end() ? "" : " (" + use->second.second + ")";
    told.insert(column);
    if (rows == samples.rows)
      findings.add("variable-unknown", fmt::format("`{}`{}: no recipient has it", variable, where));
    else
      findings.add("variable-missing", fmt::format("`{}`{}: {} of the first {} recipients lack it",
                                                   variable, where, rows, samples.rows));
  }
  if (!known) return;
  std::vector<std::string> unused;
  for (const auto& [name, use] : uses) {
    if (told.contains(name) || is_among(name, columns) || is_among(name, offer.variables)) continue;
    findings.add(use.first ? "variable-unknown" : "variable-defaulted",
                 fmt::format("`{}` ({}): the list has no such column", name, use.second));
  }
  for (const std::string& column : columns)
    if (!uses.contains(column)) unused.push_back("`" + column + "`");
  if (!unused.empty()) findings.add("column-unused", some_of(unused));
}

}  // namespace hongyan::check
