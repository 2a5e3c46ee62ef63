#include "sink/script.h"

#include "base/text.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <span>

namespace hongyan::sink {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  if (!all_digits(text) || text.size() > 6) return std::nullopt;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool is_enhanced(std::string_view text) {
  const auto parts = split(text, '.');
  return parts.size() == 3 && std::ranges::all_of(parts, [](std::string_view part) {
           return all_digits(part) && part.size() <= 3;
         });
}

std::optional<Stage> stage_of(std::string_view text) {
  static constexpr std::string_view kNames[] = {"banner", "helo",    "mail", "rcpt",
                                                "data",   "content", "quit"};
  const auto at = std::ranges::find(kNames, text);
  if (at == std::end(kNames)) return std::nullopt;
  return static_cast<Stage>(at - std::begin(kNames));
}

struct Word {
  std::string_view name;
  Deed deed;
  std::optional<Stage> stage;  // none: a part of its own says it
  int code;
  std::string_view enhanced;
};
constexpr Word kWords[] = {
    {"bounce", Deed::kReply, Stage::kRcpt, 550, "5.1.1"},
    {"defer", Deed::kReply, Stage::kRcpt, 451, "4.7.1"},
    {"content", Deed::kReply, Stage::kContent, 554, "5.7.1"},
    {"refuse", Deed::kReply, std::nullopt, 554, "5.7.1"},
    {"drop", Deed::kDrop, std::nullopt, 0, ""},
    {"lost", Deed::kLost, std::nullopt, 0, ""},
    {"stall", Deed::kStall, std::nullopt, 0, ""},
    {"garble", Deed::kGarble, std::nullopt, 0, ""},
    {"endless", Deed::kEndless, std::nullopt, 0, ""},
};

std::string_view sentence(int code, std::string_view enhanced) {
  struct Entry {
    std::string_view enhanced;
    std::string_view text;
  };
  static constexpr Entry kSentences[] = {
      {"5.1.1", "no mailbox of that name here"},
      {"5.1.2", "this domain takes no mail"},
      {"5.1.6", "the mailbox has moved away"},
      {"5.2.1", "the mailbox is disabled"},
      {"5.2.2", "the mailbox is full"},
      {"4.2.2", "the mailbox is full for now"},
      {"4.7.0", "too much from your address for now, come back later"},
      {"4.7.1", "greylisted, come back later"},
      {"5.7.1", "the message breaks our policy"},
      {"4.3.2", "the service is closed for now"},
      {"4.4.5", "the server is busy"},
      {"5.3.4", "the message is too large"},
  };
  for (const Entry& entry : kSentences)
    if (entry.enhanced == enhanced) return entry.text;
  return code >= 500 ? "refused as scripted" : code >= 400 ? "deferred as scripted" : "as scripted";
}

}  // namespace

std::optional<Script> parse_script(std::string_view text) {
  const auto parts = split(text, '-');
  std::span<const std::string_view> rest(parts);
  const auto word = std::ranges::find_if(
      kWords, [&](const Word& w) { return ascii_iequals(w.name, rest.front()); });
  if (word == std::end(kWords)) return std::nullopt;
  rest = rest.subspan(1);

  Script script{word->deed, word->stage.value_or(Stage::kRcpt), word->code,
                std::string(word->enhanced), 0};
  if (!word->stage) {
    const auto stage = rest.empty() ? std::nullopt : stage_of(ascii_lower(rest.front()));
    if (!stage || (word->deed == Deed::kLost && *stage != Stage::kContent)) return std::nullopt;
    script.stage = *stage;
    rest = rest.subspan(1);
  }
  if (word->deed == Deed::kReply && !rest.empty()) {
    const auto code = number(rest.front());
    if (!code || *code < 400 || *code > 599 || rest.front().size() != 3) return std::nullopt;
    if (static_cast<int>(*code) != script.code) script.enhanced.clear();
    script.code = static_cast<int>(*code);
    rest = rest.subspan(1);
    if (!rest.empty() && is_enhanced(rest.front())) {
      script.enhanced = rest.front();
      rest = rest.subspan(1);
    }
  }
  if (!rest.empty()) {
    const auto times = number(rest.front());
    if (!times || *times == 0) return std::nullopt;
    script.times = *times;
    rest = rest.subspan(1);
  }
  if (!rest.empty()) return std::nullopt;
  return script;
}

std::optional<Script> script_of_address(std::string_view address) {
  std::string_view local = address.substr(0, address.rfind('@'));
  return parse_script(local.substr(0, local.find('+')));
}

std::string reply_line(const Script& script, std::string_view who, bool enhanced_codes) {
  std::string line = std::to_string(script.code);
  line += ' ';
  if (enhanced_codes && !script.enhanced.empty()) (line += script.enhanced) += ' ';
  if (!who.empty()) ((line += '<') += who) += "> ";
  line += sentence(script.code, script.enhanced);
  return line;
}

}  // namespace hongyan::sink
