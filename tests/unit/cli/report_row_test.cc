#include "cli/report_row.h"

#include "cli/progress.h"

#include <gtest/gtest.h>

namespace hongyan::cli {
namespace {

const PmtaJob kJob{"spring-1", "quality", "acme", "bounce@acme.example", 1'795'223'088'604};

RecipientRow row(char state, std::string reply, int attempts = 1) {
  RecipientRow r;
  r.address = "li@example.cn";
  r.state = state;
  r.reply = std::move(reply);
  r.reply_at = 1'795'223'090;
  r.attempts = attempts;
  return r;
}

TEST(ReportStates, EveryStateOfTheContractHasBytes) {
  for (const std::string_view name : kWaitingStates)
    EXPECT_FALSE(state_bytes(name).empty()) << name;
  for (const std::string_view name : kFinalStates) EXPECT_FALSE(state_bytes(name).empty()) << name;
  EXPECT_EQ(state_bytes("queued"), "qw");
  EXPECT_TRUE(state_bytes("delivred").empty());
  EXPECT_EQ(state_name('H'), "held");
  EXPECT_EQ(state_name('?'), "?");
}

TEST(Pmta, DeliveredRow) {
  EXPECT_EQ(pmta_line(row('D', "250 2.0.0 kept"), kJob),
            "d,2026-11-21 01:04:50+0000,2026-11-21 01:04:48+0000,bounce@acme.example,li@example.cn,"
            "relayed,2.0.0,smtp;250 2.0.0 kept,smtp,quality,spring-1,example.cn/quality");
}

TEST(Pmta, BounceThatCameByMailHasALineOfItsOwn) {
  RecipientRow one = row('D', "250 2.0.0 kept");
  one.late = {{"bounce", 1'795'230'000'000, "5.1.1"}, {"complaint", 1'795'230'000'000, ""}};
  const std::string lines = pmta_line(one, kJob);
  EXPECT_EQ(lines.substr(lines.find('\n') + 1),
            "rb,2026-11-21 03:00:00+0000,2026-11-21 01:04:48+0000,bounce@acme.example,"
            "li@example.cn,failed,5.1.1,,smtp,quality,spring-1,example.cn/quality");
  EXPECT_EQ(late_text(one.late), "bounce 5.1.1, complaint");
}

TEST(Pmta, AsManyCellsAsColumns) {
  const auto commas = [](std::string_view text) { return std::ranges::count(text, ','); };
  EXPECT_EQ(commas(pmta_line(row('B', "550 5.1.1 no"), kJob)), commas(kPmtaColumns));
}

TEST(Pmta, StatusComesFromTheReply) {
  const auto status = [](const std::string& line) {
    std::vector<std::string> cells;
    for (std::size_t at = 0; at <= line.size();) {
      const std::size_t end = std::min(line.find(',', at), line.size());
      cells.push_back(line.substr(at, end - at));
      at = end + 1;
    }
    return cells[0] + " " + cells[6];
  };
  EXPECT_EQ(status(pmta_line(row('B', "550 5.1.1 no such user"), kJob)), "b 5.1.1");
  EXPECT_EQ(status(pmta_line(row('B', "550 unknown"), kJob)), "b 5.0.0");
  EXPECT_EQ(status(pmta_line(row('d', "451 busy"), kJob)), "t 4.0.0");
  EXPECT_EQ(status(pmta_line(row('X', "451 4.7.1 busy"), kJob)), "b 4.7.1");
  EXPECT_EQ(status(pmta_line(row('X', "connection refused"), kJob)), "b 4.4.7");
}

TEST(Pmta, WhoWasNeverTriedHasNoRecord) {
  EXPECT_EQ(pmta_line(row('q', "", 0), kJob), "");
  EXPECT_EQ(pmta_line(row('I', "no @", 0), kJob), "");
}

}  // namespace
}  // namespace hongyan::cli
