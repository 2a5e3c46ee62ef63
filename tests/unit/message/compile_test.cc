#include "engine/message/message.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hongyan::message {
namespace {

Spec good() {
  Spec spec;
  spec.from_address = "news@acme.example";
  spec.subject = "Hello";
  spec.text = "Hi";
  spec.message_id_domain = "acme.example";
  spec.job_id = "spring-1";
  return spec;
}

std::vector<std::string> places(const Spec& spec) {
  std::vector<std::string> out;
  const auto compiled = compile(spec);
  if (compiled) return out;
  for (const Fault& fault : compiled.error()) out.push_back(fault.where);
  return out;
}

TEST(Compile, AGoodMessageHasNoFaults) {
  EXPECT_TRUE(places(good()).empty());
}

TEST(Compile, AllFaultsAreFoundAtOnce) {
  Spec spec = good();
  spec.from_address = "a@b, c@d";
  spec.subject = "{{ x | }}";
  spec.text = "ok\n{{ x | y }}";
  spec.html = "{{";
  spec.headers = {{"X-A", "a\r\nBcc: x@y"}, {"DKIM-Signature", "x"}, {"X:", "y"}};
  spec.attachments = {{"a/b", "text/plain\r\nX: y", ""}};
  spec.list_unsubscribe = "https://x.example";
  spec.message_id_domain = "bad domain";
  const std::vector<std::string> expected{"from.address",
                                          "subject:1:8",
                                          "headers.X-A",
                                          "headers.DKIM-Signature",
                                          "headers.X:",
                                          "list_unsubscribe",
                                          "message_id_domain",
                                          "attachments[0].filename",
                                          "attachments[0].content_type",
                                          "text:2:8",
                                          "html:1:1"};
  EXPECT_EQ(places(spec), expected);
}

TEST(Compile, HeadersOfTheEngineCannotBeGiven) {
  for (const char* name : {"From", "tO", "Cc", "Bcc", "Sender", "Subject", "Date", "Message-ID",
                           "Return-Path", "Received", "MIME-Version", "Content-Type",
                           "DKIM-Signature", "List-Unsubscribe", "List-Unsubscribe-Post"}) {
    Spec spec = good();
    spec.headers = {{name, "x"}};
    EXPECT_FALSE(places(spec).empty()) << name;
  }
}

TEST(Compile, ImagesAndWhatShowsThemMustMatch) {
  Spec spec = good();
  spec.html = "<img src='cid:logo'><i style=\"background:url(cid:back@x.example)\">cid:no</i>";
  spec.attachments = {{"a.png", "image/png", "", "logo"},
                      {"b.png", "image/png", "", "logo"},
                      {"c.png", "image/png", "", "other"},
                      {"d.png", "image/png", "", "a b>"}};
  EXPECT_EQ(places(spec),
            (std::vector<std::string>{"attachments[1].cid", "attachments[2].cid",
                                      "attachments[3].cid", "attachments[3].cid", "html"}));
}

TEST(Compile, AReportNeedsWhatIsReported) {
  Spec spec = good();
  spec.report_type = "tlsrpt";
  EXPECT_EQ(places(spec), std::vector<std::string>{"report_type"});
}

TEST(Compile, AHeaderGivenTwiceIsAFault) {
  Spec spec = good();
  spec.reply_to = "answers@acme.example";
  spec.headers = {{"X-A", "1"}, {"x-a", "2"}, {"Reply-To", "x@y"}};
  EXPECT_EQ(places(spec), (std::vector<std::string>{"headers.x-a", "headers.Reply-To"}));
}

}  // namespace
}  // namespace hongyan::message
