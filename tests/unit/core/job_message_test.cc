#include "engine/core/job_message.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace hongyan::engine {
namespace {

job::Job two_variants() {
  job::Job job;
  job.id = "spring-1";
  job.from = *parse_address("news@acme.example");
  job.subject = "Spring";
  job.text = "text of both";
  job::Variant a;
  a.name = "a";
  a.subject = "Spring, {{ name }}";
  job::Variant b;
  b.name = "b";
  b.html = "<p>html of b</p>";
  job.variants = {a, b};
  return job;
}

config::Channel channel() {
  config::Channel channel;
  channel.envelope_sender = "bounce@acme.example";
  return channel;
}

std::vector<std::string> places(const job::Job& job) {
  std::vector<std::string> out;
  const auto messages = compile_messages(job, channel());
  if (!messages)
    for (const Fault& fault : messages.error()) out.push_back(fault.where);
  return out;
}

TEST(JobMessage, RecipientsOfAChunkAreSplitEvenly) {
  for (const std::size_t variants : {2u, 3u, 7u}) {
    for (const std::uint64_t chunk : {0u, 1u, 41u}) {
      std::vector<int> shares(variants);
      for (std::uint32_t index = 0; index < 256; ++index)
        ++shares[variant_of(chunk, index, variants)];
      const auto [least, most] = std::ranges::minmax(shares);
      EXPECT_LE(most - least, 1);
    }
    // Chunks of one recipient, too.
    std::vector<int> shares(variants);
    for (std::uint64_t chunk = 0; chunk < 100; ++chunk) ++shares[variant_of(chunk, 0, variants)];
    const auto [least, most] = std::ranges::minmax(shares);
    EXPECT_LE(most - least, 1);
  }
}

TEST(JobMessage, AVariantStandsInForWhatItGives) {
  const job::Job job = two_variants();
  const auto a = message_spec(job, channel(), &job.variants[0]);
  EXPECT_EQ(a.subject, "Spring, {{ name }}");
  EXPECT_EQ(a.text, "text of both");
  const auto b = message_spec(job, channel(), &job.variants[1]);
  EXPECT_EQ(b.subject, "Spring");
  EXPECT_EQ(b.text, "");  // that of the job would say something else
  EXPECT_EQ(b.html, "<p>html of b</p>");
  const auto messages = compile_messages(job, channel());
  ASSERT_TRUE(messages);
  EXPECT_EQ(messages->names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(&messages->of(0, 1), messages->compiled[1].get());
  EXPECT_EQ(&messages->of(1, 1), messages->compiled[0].get());
}

TEST(JobMessage, FaultsOfVariantsAreToldOnceAndWhereTheyStand) {
  job::Job job = two_variants();
  job.variants[0].subject = "{{ a | nothing }}";
  job.variants[1].html = "{% if %}{% endif %}";
  job.headers = {{"X-A", "{{ b | nothing }}"}};
  EXPECT_EQ(places(job), (std::vector<std::string>{"variants[0].subject:1:8", "headers.X-A:1:8",
                                                   "variants[1].html:1:7"}));
}

TEST(JobMessage, VariantsNeedNotShowTheSameImages) {
  job::Job job = two_variants();
  job.variants[1].html = "<img src=\"cid:logo\">";
  job.attachments = {{"logo.png", "image/png", "PNG", "", "logo"}};
  EXPECT_TRUE(places(job).empty());
}

}  // namespace
}  // namespace hongyan::engine
