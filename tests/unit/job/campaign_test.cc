#include "engine/job/campaign.h"

#include "embedded/demo_campaigns.h"
#include "engine/job/job.h"

#include <gtest/gtest.h>

namespace hongyan::job {
namespace {

Result<std::string> files(const std::string& path) {
  if (path == "body.txt") return "Hello {{ name }}\n";
  return fail(Scope::kProcess, "unreadable-file", "cannot read " + path);
}

constexpr std::string_view kCampaign = R"(id = "spring-1"
tenant = "acme"
subject = "你好"
text_file = "body.txt"
send_at = 2026-02-01T09:00:00+08:00
priority = 7

[from]
address = "news@acme.example"

[window]
tz = "Asia/Shanghai"
days = ["mon", "tue"]
from = "09:00"
to = "18:00"

[[recipients.list]]
to = "li@example.cn"
vars = { n = 1.5, vip = true }
)";

IntakePolicy policy() {
  return {.tenants = {{"acme", {"acme.example"}}},
          .channels = {"quality"},
          .default_channel = "quality",
          .template_fault = {}};
}

TEST(Campaign, IsTheJobDocumentInToml) {
  const auto campaign = parse_campaign(kCampaign, "c.toml", files);
  ASSERT_TRUE(campaign) << campaign.error()[0].sentence();
  const auto job = parse_job(campaign->json(), policy());
  ASSERT_TRUE(job) << campaign->json() << job.error()[0].sentence();
  EXPECT_EQ(job->text, "Hello {{ name }}\n");
  EXPECT_EQ(job->priority, 7);
  EXPECT_EQ(to_unix_ms(*job->send_at), 1'769'907'600'000);
  EXPECT_EQ(job->window->days, 0b11);
  EXPECT_EQ(job->recipients.count, 1u);
}

TEST(Campaign, FaultsNameFileAndLine) {
  const auto fault = [](std::string_view toml) {
    const auto campaign = parse_campaign(toml, "c.toml", files);
    if (!campaign) return campaign.error()[0].sentence();
    const auto job = parse_job(campaign->json(), policy());
    return job ? std::string() : campaign->locate(job.error())[0].sentence();
  };
  const std::string good(kCampaign);
  EXPECT_EQ(fault(good + "x = \n").substr(0, 10), "c.toml:20:");
  EXPECT_EQ(fault("text_file = \"none.txt\"\n"), "c.toml:1: text_file cannot read none.txt");
  EXPECT_EQ(fault("\ntext = \"a\"\ntext_file = \"body.txt\"\n"),
            "c.toml:3: text_file stands beside `text` (one of them is enough)");
  std::string typo = good;
  typo.replace(typo.find("priority"), 8, "priorty ");
  EXPECT_EQ(fault(typo), "c.toml:6: priorty is no known key (did you mean `priority`?)");
  std::string zone = good;
  zone.replace(zone.find("Shanghai"), 8, "Shanghay");
  EXPECT_EQ(fault(zone).substr(0, 23), "c.toml:12: window.tz th");
  EXPECT_EQ(fault("v = 1\n").substr(0, 11), "c.toml: id ");
}

TEST(Campaign, ExamplesBecomeJobs) {
  const auto shipped = [](const std::string& path) -> Result<std::string> {
    for (const auto& file : embedded::demo_campaigns_files())
      if (file.path == "examples/" + path) return std::string(file.text);
    return fail(Scope::kProcess, "unreadable-file", "cannot read " + path);
  };
  for (const std::string_view toml :
       {embedded::examples_demo_toml, embedded::examples_bad_list_toml}) {
    auto campaign = parse_campaign(toml, "examples", shipped);
    ASSERT_TRUE(campaign) << campaign.error()[0].sentence();
    campaign->document.set("id", Json::string("demo"));
    campaign->document.set("recipients", *parse_json(R"({"key":"hongyan:{demo}:recipients"})"));
    const auto job = parse_job(campaign->json(), policy());
    EXPECT_TRUE(job) << job.error()[0].sentence();
  }
}

}  // namespace
}  // namespace hongyan::job
