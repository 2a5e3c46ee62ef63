#pragma once

#include "cli/demo_books.h"
#include "cli/demo_job.h"
#include "store/money_store.h"

#include <array>
#include <ostream>
#include <string>
#include <vector>

// What the demo puts on the screen: numbers come in, text goes out.
namespace hongyan::cli::demo {

// Messages a second.
struct Rates {
  std::vector<double> by_receiver;
  double all = 0;
};

void show_stage(std::ostream& out, const Stage& stage);
void show_submitted(std::ostream& out, const Script& script, const Submitted& submitted);
void show_report(std::ostream& out, const Stage& stage, const JobReport& report,
                 const Rates& rates);
void show_trip(std::ostream& out, const store::JobView& job);
void show_bill(std::ostream& out, const store::Tenant& ledger);
void show_commands(std::ostream& out, const Stage& stage, const std::string& good,
                   const std::string& bad);

// The same facts from those who kept them on their own.
struct Books {
  std::int64_t pushed = 0;  // rows put on the queue
  std::array<store::JobView, 2> jobs;
  std::array<JobReport, 2> reports;
  store::Tenant ledger;
  Charged billing;
};
struct Check {
  std::string what;
  std::string numbers;
  bool agrees = false;
};
std::vector<Check> make_checks(const Stage& stage, const Books& books);
bool all_agree(const std::vector<Check>& checks);
// Prints each; true when all agree.
bool show_checks(std::ostream& out, const std::vector<Check>& checks);

}  // namespace hongyan::cli::demo
