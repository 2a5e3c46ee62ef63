#pragma once

#include "engine/check/finding.h"
#include "engine/list/row.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hongyan::check {

// What a recipient list says about itself. Eight bytes a row for the duplicates, and one entry per
// distinct domain; nothing else grows with the list.
class ListView {
 public:
  void add(const list::Row& row);
  // Counts the duplicates; call it once, after the last row.
  void finish();

  std::uint64_t rows() const { return rows_; }
  std::uint64_t refused() const { return refused_; }
  std::uint64_t duplicates() const { return duplicates_; }
  std::uint64_t roles() const { return roles_; }
  std::uint64_t desks() const { return desks_; }
  std::uint64_t chinese() const { return chinese_; }
  std::uint64_t valid() const { return rows_ - refused_ - duplicates_; }
  const std::vector<std::string>& first_refusals() const { return first_refusals_; }
  const std::vector<std::string>& typos() const { return typos_; }
  // Rows per domain, duplicates included; most first.
  std::vector<std::pair<std::string, std::uint64_t>> domains() const;

 private:
  std::uint64_t rows_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t roles_ = 0;  // desks are not among them
  std::uint64_t desks_ = 0;
  std::uint64_t chinese_ = 0;
  std::vector<std::string> first_refusals_, first_roles_, first_desks_, typos_;
  std::vector<std::uint64_t> prints_;
  std::unordered_map<std::string, std::uint64_t> domains_;
  friend void check_list(const ListView& list, Findings& findings);
};

void check_list(const ListView& list, Findings& findings);

// An address that stands for an office and not for a person (RFC 2142 and habit).
bool is_role(std::string_view local);
// Read by complaint desks, or by nobody.
bool is_desk(std::string_view local);
// Whether the domain belongs to a Chinese mailbox provider or is below .cn; a guess from the name
// alone, for the law's rules and not for routing.
bool is_chinese_domain(std::string_view domain);
// The large receiver's domain that `domain` was probably meant to be; empty: none.
std::string_view meant_domain(std::string_view domain);

}  // namespace hongyan::check
