#include "engine/list/recipient_line.h"

#include "base/json.h"
#include "base/list_value.h"
#include "base/text.h"
#include "base/utf8.h"

#include <array>
#include <charconv>

namespace hongyan::list {
namespace {

const std::array<std::string, 4> kKeys = {"to", "vars", "row", "refused"};

// The raw text is kept for people: valid UTF-8, bounded.
void keep_raw(std::string& raw, std::string_view text) {
  text = text.substr(0, kMaxRawAddress);
  if (const std::size_t good = utf8_prefix(text);
      good == text.size() || is_cut_utf8_sequence(text.substr(good)))
    raw.assign(text.substr(0, good));
  else
    raw = replace_invalid_utf8(text);
}

}  // namespace

bool LineReader::unsigned_number(JsonScanner& in, std::uint64_t& out) {
  std::string_view text;
  if (!in.number(text)) return false;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    return in.fail("a whole number of at most 20 digits is needed");
  out = value;
  return true;
}

bool LineReader::vars(JsonScanner& in, Row& row) {
  if (in.peek() != '{') {
    problem_ = "vars must be an object";
    return false;
  }
  in.accept('{');
  std::size_t count = 0;
  if (!in.accept('}')) {
    do {
      std::string_view text;
      if (!in.string(text, scratch_)) return false;
      for (std::size_t i = 0; i < count; ++i)
        if (row.vars[i].first == text) {
          problem_ = "vars." + escape_control(text) + " is repeated";
          return false;
        }
      if (count == kMaxVars) {
        problem_ = "has more than 1,000 variables";
        return false;
      }
      if (row.vars.size() == count) row.vars.emplace_back();
      auto& [name, value] = row.vars[count];
      name.assign(text);
      if (!in.expect(':')) return false;
      const char next = in.peek();
      if (next == '"') {
        if (!in.string(text, scratch_)) return false;
        assign_text_value(value, text);
        ++count;
        continue;
      }
      if (!in.value(text)) return false;
      if (next == 'n') continue;
      if (next == '{' || next == '[') {
        if (const auto parsed = parse_json(text); !parsed) {
          problem_ = "vars." + escape_control(name) + ": " + parsed.error().sentence();
          return false;
        }
      }
      assign_json_value(value, text);
      ++count;
    } while (in.accept(','));
    if (!in.accept('}')) return in.fail("a , or } is expected");
  }
  row.vars.resize(count);
  return true;
}

bool LineReader::members(JsonScanner& in, Row& row) {
  if (!in.expect('{')) return false;
  if (in.accept('}')) return true;
  do {
    std::string_view key;
    if (!in.string(key, key_)) return false;
    if (!in.expect(':')) return false;
    const auto once = [&](bool& flag) {
      if (flag) problem_ = escape_control(key) + " is repeated";
      return !std::exchange(flag, true);
    };
    std::string_view text;
    if (key == "to") {
      if (!once(seen_.to)) return false;
      if (in.peek() != '"') {
        problem_ = "to must be a string";
        return false;
      }
      if (!in.string(text, scratch_)) return false;
      keep_raw(row.to, text);
      row.address = parse_address(text);
    } else if (key == "vars") {
      if (!once(seen_.vars) || !vars(in, row)) return false;
    } else if (key == "row") {
      if (!once(seen_.row) || !unsigned_number(in, row.number)) return false;
    } else if (key == "refused") {
      if (!once(seen_.refused) || !in.string(text, scratch_)) return false;
      refused_.assign(text.substr(0, kMaxRawAddress));
    } else if (key == "block") {
      if (!once(seen_.block) || !unsigned_number(in, block_)) return false;
    } else if (key == "end") {
      if (!once(seen_.end) || !in.literal(text)) return false;
      if (text != "true") return in.fail("end must be true");
    } else if (key == "count") {
      if (!once(seen_.count) || !unsigned_number(in, count_)) return false;
    } else {
      const auto hint = nearest(key, kKeys);
      problem_ = "unknown key `" + escape_control(key.substr(0, 64)) + "`" +
                 (hint ? "; did you mean `" + *hint + "`?" : "");
      return false;
    }
  } while (in.accept(','));
  return in.accept('}') || in.fail("a , or } is expected");
}

LineReader::Kind LineReader::read(std::string_view line, Row& row) {
  seen_ = {};
  problem_.clear();
  row.to.clear();
  const auto refuse = [&](std::string_view code, std::string why) {
    row.address = fail(Scope::kDelivery, code, std::move(why));
    if (!seen_.to) keep_raw(row.to, line);
    row.vars.clear();
    return Kind::kRecipient;
  };
  if (utf8_prefix(line) != line.size()) return refuse("not-utf8", "is not valid UTF-8");

  JsonScanner in(line);
  if (!members(in, row) || !in.at_end())
    return !problem_.empty()
               ? refuse("bad-line", problem_)
               : refuse("bad-line", std::string("no JSON line: ") +
                                        (in.failed() ? in.error() : "something follows the }"));
  const bool recipient = seen_.to || seen_.vars || seen_.row || seen_.refused;
  if (seen_.block && !recipient && !seen_.end && !seen_.count) return Kind::kBlock;
  if (seen_.end && seen_.count && !recipient && !seen_.block) return Kind::kEnd;
  if (seen_.end && !recipient && !seen_.block) return refuse("bad-line", "end needs a count");
  if (seen_.block || seen_.end || seen_.count)
    return refuse("bad-line", "mixes a recipient with block, end or count");
  if (seen_.refused) return refuse("refused-by-reader", refused_);
  if (!seen_.to) return refuse("bad-line", "has no `to`");
  if (!seen_.vars || row.refused()) row.vars.clear();
  return Kind::kRecipient;
}

}  // namespace hongyan::list
