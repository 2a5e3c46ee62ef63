#include "cli/demo_show.h"

#include "base/text.h"
#include "cli/output.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <initializer_list>

namespace hongyan::cli::demo {
namespace {

// "receivers 9,820 · ledger 9,820", or one number when all say the same.
struct Said {
  const char* who;
  std::int64_t what;
};

Check compare(std::string what, std::initializer_list<Said> books,
              std::string (*print)(std::int64_t) = with_commas) {
  Check check{.what = std::move(what), .numbers = {}, .agrees = true};
  for (const Said& said : books) check.agrees = check.agrees && said.what == books.begin()->what;
  std::string names;
  for (const Said& said : books) {
    names += (names.empty() ? "" : " = ") + std::string(said.who);
    if (!check.agrees) names += " " + print(said.what);
  }
  check.numbers = check.agrees ? print(books.begin()->what) + "  " + names : names;
  return check;
}

std::string print_micro_yuan(std::int64_t value) {
  return yuan(MicroYuan{value});
}

std::string rate_text(double rate) {
  return with_commas(static_cast<std::int64_t>(rate));
}

}  // namespace

void show_stage(std::ostream& out, const Stage& stage) {
  out << "\n鸿雁 Hongyan " HONGYAN_VERSION
         " · the whole system on this machine; nothing leaves it\n\n";
  std::string cast;
  for (const Receiver& receiver : stage.receivers())
    cast += (cast.empty() ? "" : " · ") + receiver.title;
  Facts facts;
  facts.add("  receivers", cast);
  facts.add("  Redis", "its own, every write on disk before it counts");
  facts.add("  metrics", fmt::format("http://127.0.0.1:{}/metrics", stage.http_port()));
  facts.add("  log", stage.log_file());
  facts.print(out);
}

void show_submitted(std::ostream& out, const Script& script, const Submitted& submitted) {
  out << fmt::format("\n{} · {} recipients on the queue in {} ms: {} …\n", script.id,
                     with_commas(static_cast<std::int64_t>(submitted.rows)), submitted.took.count(),
                     fmt::join(submitted.names, ", "));
}

void show_report(std::ostream& out, const Stage& stage, const JobReport& report,
                 const Rates& rates) {
  RowWriter table(out, Format::kTable,
                  {{"receiver", "  receiver"},
                   {"delivered", "delivered", true},
                   {"bounced", "bounced", true},
                   {"retries", "retried", true},
                   {"invalid", "invalid", true},
                   {"duplicate", "duplicate", true},
                   {"rate", "msg/s", true}});
  const auto row = [&table](const std::string& name, const Tally& tally, const std::string& speed) {
    table.row({"  " + name, with_commas(tally.delivered), with_commas(tally.bounced),
               with_commas(tally.retries), with_commas(tally.invalid), with_commas(tally.duplicate),
               speed});
  };
  out << '\n';
  for (std::size_t i = 0; i < report.by_receiver.size(); ++i)
    row(stage.receivers()[i].title, report.by_receiver[i], rate_text(rates.by_receiver[i]));
  row("(no address)", report.no_address, "");
  row("all", report.sum(), rate_text(rates.all));
  table.end();
}

void show_trip(std::ostream& out, const store::JobView& job) {
  if (job.text("state") != "tripped") {
    out << "  the breaker did not stop it: " << escape_control(job.text("state")) << '\n';
    return;
  }
  out << fmt::format(
      "  ■ stopped by the breaker (limit 3 %)\n"
      "    {}\n"
      "    accepted after it tripped, being on the wire: {} · spared: {} recipients\n",
      escape_control(job.text("reason")), with_commas(job.number("sent_after_trip")),
      with_commas(counters_of(job).waiting));
}

void show_bill(std::ostream& out, const store::Tenant& ledger) {
  out << "\nThe bill\n";
  RowWriter table(out, Format::kTable,
                  {{"day", "  day"},
                   {"job", "job"},
                   {"channel", "channel"},
                   {"messages", "messages", true},
                   {"price", "price", true},
                   {"amount", "amount", true}});
  std::int64_t messages = 0;
  MicroYuan sum;
  for (const store::LedgerEntry& entry : ledger.entries) {
    messages += entry.line.messages;
    sum = sum + entry.line.amount();
    table.row({"  " + entry.line.day, entry.ref, entry.line.channel,
               with_commas(entry.line.messages), yuan(entry.line.unit_price),
               yuan(entry.line.amount())});
  }
  table.row({"  all", "", "", with_commas(messages), "", yuan(sum)});
  table.end();
}

std::vector<Check> make_checks(const Stage& stage, const Books& books) {
  Tally counters, report;
  std::int64_t charged = 0;
  std::int64_t attempts = 0;
  for (const store::JobView& job : books.jobs) {
    counters += counters_of(job);
    charged += job.number("charged_micro_yuan");
    attempts += job.number("attempts");
  }
  for (const JobReport& one : books.reports) report += one.sum();
  sink::Statistics received;
  for (const Receiver& receiver : stage.receivers()) {
    const auto one = receiver.server->statistics();
    received.recipients += one.recipients;
    received.bounced += one.bounced;
    received.deferred += one.deferred;
    received.repeated_messages += one.repeated_messages;
  }
  Charged ledger;
  for (const store::BillLine& line : books.ledger.lines) {
    ledger.messages += line.messages;
    ledger.micro_yuan += line.amount().value;
  }
  const auto whole = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  std::vector<Check> checks;
  checks.push_back(compare(
      "recipients",
      {{"queued", books.pushed}, {"job counters", counters.rows}, {"report", report.rows}}));
  checks.push_back(compare("delivered", {{"receivers", whole(received.recipients)},
                                         {"report", report.delivered},
                                         {"job counters", counters.delivered},
                                         {"ledger", ledger.messages},
                                         {"/metrics/billing", books.billing.messages}}));
  checks.push_back(compare("bounced", {{"receivers", whole(received.bounced)},
                                       {"report", report.bounced},
                                       {"job counters", counters.bounced}}));
  checks.push_back(
      compare("retried", {{"receivers", whole(received.deferred)},
                          {"job counters", attempts - counters.delivered - counters.bounced},
                          {"report", report.retries}}));
  checks.push_back(compare("charged",
                           {{"job counters", charged},
                            {"ledger", ledger.micro_yuan},
                            {"/metrics/billing", books.billing.micro_yuan}},
                           print_micro_yuan));
  checks.push_back(
      compare("sent twice", {{"receivers", whole(received.repeated_messages)}, {"promised", 0}}));
  return checks;
}

bool all_agree(const std::vector<Check>& checks) {
  return std::ranges::all_of(checks, &Check::agrees);
}

bool show_checks(std::ostream& out, const std::vector<Check>& checks) {
  out << "\nDo all books agree?\n";
  for (const Check& check : checks)
    out << fmt::format("  {} {} {}\n", check.agrees ? "✓" : "✗", pad(check.what, 11),
                       check.numbers);
  return all_agree(checks);
}

void show_commands(std::ostream& out, const Stage& stage, const std::string& good,
                   const std::string& bad) {
  out << "\nEverything keeps running until Ctrl-C. In another terminal:\n\n";
  out << "  export HONGYAN_REDIS=" << stage.redis_url() << '\n';
  for (const std::string& command :
       {std::string("status"), "show " + good, "report " + bad + " --invalid", std::string("bill")})
    out << "  hongyan " << command << '\n';
  out << fmt::format("  curl http://127.0.0.1:{}/metrics/billing\n", stage.http_port());
  out.flush();
}

}  // namespace hongyan::cli::demo
