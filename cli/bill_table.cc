#include "cli/bill_table.h"

#include "cli/output.h"

#include <chrono>
#include <cstdio>
#include <ostream>

namespace hongyan::cli {
namespace {

using store::BillLine;
using store::LedgerEntry;

std::vector<Column> csv_columns(bool entries) {
  std::vector<Column> columns = {{"day", "DAY"},
                                 {"tenant", "TENANT"},
                                 {"channel", "CHANNEL"},
                                 {"unit_price_micro_yuan", "PRICE", true},
                                 {"messages", "MESSAGES", true},
                                 {"amount_micro_yuan", "", true},
                                 {"amount_yuan", "AMOUNT", true}};
  if (entries) {
    columns.push_back({"actor", "ACTOR"});
    columns.push_back({"ref", "REF"});
    columns.push_back({"at", "AT"});
  }
  return columns;
}

// The number people read is written as a number, so that no spreadsheet guard touches it.
Cell yuan_cell(MicroYuan amount) {
  Cell cell(format_yuan(amount));
  cell.number = true;
  return cell;
}

std::vector<Cell> csv_cells(const BillLine& line) {
  return {line.day,
          line.tenant,
          line.channel,
          line.unit_price.value,
          line.messages,
          line.amount().value,
          yuan_cell(line.amount())};
}

std::vector<Cell> table_cells(const BillLine& line) {
  return {line.day,
          line.tenant,
          line.channel,
          yuan(line.unit_price),
          with_commas(line.messages),
          yuan(line.amount())};
}

void put_total(std::ostream& out, std::int64_t messages, MicroYuan amount) {
  out << "total " << with_commas(messages) << " messages, " << yuan(amount) << '\n';
}

std::vector<Column> without_micro(std::vector<Column> columns) {
  columns.erase(columns.begin() + 5);
  return columns;
}

Json json_of(const BillLine& line) {
  return Json::object({{"day", Json::string(line.day)},
                       {"tenant", Json::string(line.tenant)},
                       {"channel", Json::string(line.channel)},
                       {"unit_price_micro_yuan", json_number(line.unit_price.value)},
                       {"messages", json_number(line.messages)},
                       {"amount_micro_yuan", json_number(line.amount().value)},
                       {"amount_yuan", Json::string(format_yuan(line.amount()))}});
}

}  // namespace

bool is_day(const std::string& text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' ||
      text.find_first_not_of("0123456789-") != std::string::npos ||
      std::sscanf(text.c_str(), "%4d-%2u-%2u", &year, &month, &day) != 3)
    return false;
  return std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(month),
                                     std::chrono::day(day))
      .ok();
}

void print_bill_table(std::ostream& out, const std::vector<BillLine>& lines) {
  RowWriter rows(out, Format::kTable, without_micro(csv_columns(false)));
  std::int64_t messages = 0;
  MicroYuan amount;
  for (const BillLine& line : lines) {
    rows.row(table_cells(line));
    messages += line.messages;
    amount = amount + line.amount();
  }
  rows.end("nothing was charged");
  if (!lines.empty()) put_total(out, messages, amount);
}

void print_bill_csv(std::ostream& out, const std::vector<BillLine>& lines) {
  RowWriter rows(out, Format::kCsv, csv_columns(false));
  for (const BillLine& line : lines) rows.row(csv_cells(line));
  rows.end();
}

void print_entries_table(std::ostream& out, const std::vector<LedgerEntry>& entries) {
  RowWriter rows(out, Format::kTable, without_micro(csv_columns(true)));
  std::int64_t messages = 0;
  MicroYuan amount;
  for (const LedgerEntry& entry : entries) {
    auto cells = table_cells(entry.line);
    cells.emplace_back(entry.actor);
    cells.emplace_back(entry.ref);
    cells.emplace_back(when(entry.at_ms));
    rows.row(std::move(cells));
    messages += entry.line.messages;
    amount = amount + entry.line.amount();
  }
  rows.end("nothing was charged");
  if (!entries.empty()) put_total(out, messages, amount);
}

void print_entries_csv(std::ostream& out, const std::vector<LedgerEntry>& entries) {
  RowWriter rows(out, Format::kCsv, csv_columns(true));
  for (const LedgerEntry& entry : entries) {
    auto cells = csv_cells(entry.line);
    cells.emplace_back(entry.actor);
    cells.emplace_back(entry.ref);
    cells.emplace_back(when(entry.at_ms));
    rows.row(std::move(cells));
  }
  rows.end();
}

std::string bill_json(const std::vector<BillLine>& lines, const std::vector<LedgerEntry>* entries,
                      const BillRange& range) {
  std::int64_t messages = 0;
  MicroYuan amount;
  Json list = Json::array();
  for (const BillLine& line : lines) {
    list.push(json_of(line));
    messages += line.messages;
    amount = amount + line.amount();
  }
  Json bill = Json::object({{"from", Json::string(range.from)},
                            {"to", Json::string(range.to)},
                            {"messages", json_number(messages)},
                            {"amount_micro_yuan", json_number(amount.value)},
                            {"amount_yuan", Json::string(format_yuan(amount))},
                            {"lines", std::move(list)}});
  if (entries == nullptr) return to_json(bill);
  Json each = Json::array();
  for (const LedgerEntry& entry : *entries) {
    Json one = json_of(entry.line);
    one.set("actor", Json::string(entry.actor));
    one.set("ref", Json::string(entry.ref));
    one.set("at", json_number(entry.at_ms));
    each.push(std::move(one));
  }
  bill.set("entries", std::move(each));
  return to_json(bill);
}

}  // namespace hongyan::cli
