#pragma once

#include "store/money_store.h"

#include <iosfwd>
#include <string>
#include <vector>

namespace hongyan::cli {

struct BillRange {
  std::string from;  // "2026-11-01", inclusive; empty: from the beginning
  std::string to;    // exclusive; empty: to the end
  bool holds(const std::string& day) const {
    return (from.empty() || day >= from) && (to.empty() || day < to);
  }
};

// "2026-02-29" is no day.
bool is_day(const std::string& text);

// The formats of CONTRACT 3; every sum is exact.
void print_bill_table(std::ostream& out, const std::vector<store::BillLine>& lines);
void print_bill_csv(std::ostream& out, const std::vector<store::BillLine>& lines);
void print_entries_table(std::ostream& out, const std::vector<store::LedgerEntry>& entries);
void print_entries_csv(std::ostream& out, const std::vector<store::LedgerEntry>& entries);
std::string bill_json(const std::vector<store::BillLine>& lines,
                      const std::vector<store::LedgerEntry>* entries, const BillRange& range);

}  // namespace hongyan::cli
