#include "engine/check/message_rules.h"

#include "tests/unit/check/findings_of.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::check {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

job::Job good_job() {
  job::Job job;
  job.subject = "Hello {{ name }}";
  job.text = "Hello {{ name }}. Unsubscribe: https://acme.example/u/{{ token }}";
  job.list_unsubscribe =
      job::ListUnsubscribe{"https://acme.example/u/{{ token }}", "u@acme.example", true};
  return job;
}

std::vector<std::string> ids(const job::Job& job, const Samples& samples = {},
                             Kind kind = Kind::kCommercial) {
  Findings findings;
  check_message(job, kind, {.known = true}, samples, findings);
  return ids_of(findings);
}

TEST(MessageRules, AGoodMessageHasNoFinding) {
  EXPECT_THAT(ids(good_job()), IsEmpty());
}

TEST(MessageRules, OneClickNeedsUrlAndPostAndToken) {
  job::Job job = good_job();
  job.list_unsubscribe->one_click = false;
  EXPECT_THAT(ids(job), ElementsAre("no-one-click"));
  job.list_unsubscribe = job::ListUnsubscribe{"", "u@acme.example", false};
  EXPECT_THAT(ids(job), ElementsAre("no-one-click"));
  job.list_unsubscribe = job::ListUnsubscribe{"https://acme.example/u", "", true};
  EXPECT_THAT(ids(job), ElementsAre("unsubscribe-not-personal"));
  job.list_unsubscribe.reset();
  EXPECT_THAT(ids(job), ElementsAre("no-unsubscribe-header"));
  EXPECT_THAT(ids(job, {}, Kind::kTransactional), IsEmpty());
}

TEST(MessageRules, TheChannelOffersAWayOfItsOwn) {
  job::Job job = good_job();
  job.list_unsubscribe.reset();
  const auto with = [&](const Offer& offer) {
    Findings findings;
    check_message(job, Kind::kCommercial, offer, {}, findings);
    return ids_of(findings);
  };
  EXPECT_THAT(with({.known = true, .one_click = true}), IsEmpty());
  EXPECT_THAT(with({.known = true, .mailto = true}), ElementsAre("no-one-click"));
  EXPECT_THAT(with({.known = true}), ElementsAre("no-unsubscribe-header"));
  EXPECT_THAT(with({}), ElementsAre("not-checked"));
  // The campaign's own stands in for it, right or wrong.
  job.list_unsubscribe = job::ListUnsubscribe{"", "u@acme.example", false};
  EXPECT_THAT(with({.known = true, .one_click = true}), ElementsAre("no-one-click"));
}

TEST(MessageRules, AWayToRefuseInAnyLanguage) {
  job::Job job = good_job();
  for (const char* text : {"点此退订", "UNSUBSCRIBE here", "Newsletter abbestellen"}) {
    job.text = text;
    EXPECT_THAT(ids(job), IsEmpty()) << text;
  }
  job.text = "Hello";
  EXPECT_THAT(ids(job), ElementsAre("no-visible-unsubscribe"));
}

TEST(MessageRules, PartsAndSizes) {
  job::Job job = good_job();
  job.text.reset();
  job.html = "unsubscribe" + std::string(110 * 1024, 'x');
  EXPECT_THAT(ids(job), UnorderedElementsAre("no-text-part", "html-clipped"));
  Samples samples;
  samples.largest = 2 * 1024 * 1024;
  EXPECT_THAT(ids(good_job(), samples), ElementsAre("message-large"));
  samples.largest = 11 * 1024 * 1024;
  EXPECT_THAT(ids(good_job(), samples), ElementsAre("message-too-large"));
}

std::vector<std::string> variable_ids(const job::Job& job, const std::vector<std::string>& columns,
                                      const Samples& samples = {}, bool known = true,
                                      const Offer& offer = {}) {
  Findings findings;
  check_variables(job, offer, columns, known, samples, findings);
  return ids_of(findings);
}

TEST(MessageRules, VariablesAndColumnsMeet) {
  EXPECT_THAT(variable_ids(good_job(), {"name", "token"}), IsEmpty());
  EXPECT_THAT(variable_ids(good_job(), {"nmae", "token"}),
              ElementsAre("variable-unknown", "column-unused"));
  job::Job job = good_job();
  job.subject = "Hello {{ nick | default: \"you\" }}";
  EXPECT_THAT(variable_ids(job, {"name", "token"}), ElementsAre("variable-defaulted"));
  job.headers = {{"X-Shop", "{{ shop }}"}};
  EXPECT_THAT(variable_ids(job, {"name", "token", "nick"}), ElementsAre("variable-unknown"));
}

TEST(MessageRules, TheEngineMakesVariablesToo) {
  job::Job job = good_job();
  job.text = "Unsubscribe: {{ unsubscribe_url }}";
  EXPECT_THAT(variable_ids(job, {"name", "token"}), ElementsAre("variable-unknown"));
  EXPECT_THAT(variable_ids(job, {"name", "token"}, {}, true, {.variables = {"unsubscribe_url"}}),
              IsEmpty());
}

TEST(MessageRules, UnknownVariablesMayBeEmpty) {
  job::Job job = good_job();
  job.unknown_is_empty = true;
  EXPECT_THAT(variable_ids(job, {"token"}), ElementsAre("variable-defaulted"));
}

TEST(MessageRules, MembersOfAVariableAreNoColumns) {
  job::Job job = good_job();
  job.text = "Hello {{ shop.name }}. Unsubscribe";
  EXPECT_THAT(variable_ids(job, {"name", "token", "shop"}), IsEmpty());
  Samples samples;
  samples.rows = 2;
  samples.missing = {{"shop.name", 2}};
  EXPECT_THAT(variable_ids(job, {"name", "token"}, samples), ElementsAre("variable-unknown"));
}

TEST(MessageRules, WithoutAHeaderRowTheRowsTell) {
  Samples samples;
  samples.rows = 10;
  samples.missing = {{"name", 10}};
  EXPECT_THAT(variable_ids(good_job(), {}, samples, false), ElementsAre("variable-unknown"));
  samples.missing = {{"name", 3}};
  EXPECT_THAT(variable_ids(good_job(), {}, samples, false), ElementsAre("variable-missing"));
  EXPECT_THAT(variable_ids(good_job(), {}, {}, false), IsEmpty());
}

}  // namespace
}  // namespace hongyan::check
