#include "engine/check/dmarc.h"

#include "base/organization.h"
#include "base/text.h"

namespace hongyan::check {
namespace {

constexpr std::string_view kVersion = "DMARC1";

struct Tag {
  std::string name;
  std::string_view value;
};

Tag read_tag(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return {ascii_lower(trim_blanks(text)), {}};
  return {ascii_lower(trim_blanks(text.substr(0, equals))), trim_blanks(text.substr(equals + 1))};
}

bool is_policy(std::string_view word) {
  return word == "none" || word == "quarantine" || word == "reject";
}

}  // namespace

bool is_dmarc(std::string_view text) {
  const Tag first = read_tag(text.substr(0, text.find(';')));
  return first.name == "v" && first.value == kVersion;
}

std::expected<DmarcRecord, std::string> parse_dmarc(std::string_view text) {
  DmarcRecord record;
  std::size_t number = 0;
  for (const std::string_view part : split(text, ';')) {
    if (trim_blanks(part).empty()) continue;
    const Tag tag = read_tag(part);
    const std::string value = ascii_lower(tag.value);
    if (++number == 1) {
      if (tag.name != "v" || tag.value != kVersion)
        return std::unexpected("does not begin with v=DMARC1");
    } else if (tag.value.empty()) {
      return std::unexpected("`" + escape_control(trim_blanks(part)) + "` has no value");
    } else if (tag.name == "p") {
      if (!is_policy(value))
        return std::unexpected("p=" + escape_control(tag.value) +
                               " is no policy: none, quarantine, reject");
      record.policy = value;
    } else if (tag.name == "sp") {
      record.subdomain_policy = value;
    } else if (tag.name == "aspf" || tag.name == "adkim") {
      if (value != "r" && value != "s")
        return std::unexpected(tag.name + "=" + escape_control(tag.value) + " is neither r nor s");
      (tag.name == "aspf" ? record.strict_spf : record.strict_dkim) = value == "s";
    } else if (tag.name == "rua") {
      record.has_reports = true;
    }
  }
  if (record.policy.empty()) return std::unexpected("has no p=");
  return record;
}

bool is_aligned(std::string_view domain, std::string_view from, bool strict) {
  return ascii_iequals(domain, from) || (!strict && aligns(ascii_lower(domain), ascii_lower(from)));
}

}  // namespace hongyan::check
