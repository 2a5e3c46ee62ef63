#include "engine/check/html_view.h"
#include "engine/check/message_rules.h"
#include "tests/unit/check/findings_of.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hongyan::check {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> ids(const std::string& html) {
  Findings findings;
  check_html(html, findings);
  return ids_of(findings);
}
std::vector<std::string> of_link(const std::string& href) {
  return ids("<a href=\"" + href + "\">words</a>");
}

TEST(LinkRules, GoodLinksAreFine) {
  for (const char* href :
       {"https://acme.example/x?a=1&amp;b=2#c", "https://acme.example:8443/",
        "mailto:a@acme.example", "mailto:a@acme.example,b@acme.example?subject=hi",
        "mailto:?to=a@acme.example", "tel:+8610", "#top", "{{ link }}",
        "https://acme.example/{{ token | default: \"x\" }}", "https://{{ shop }}.example/",
        "https://\u4f8b\u5b50.example/"})
    EXPECT_THAT(of_link(href), IsEmpty()) << href;
}

TEST(LinkRules, EachKindOfBrokenLinkHasItsRule) {
  const std::pair<const char*, const char*> kCases[] = {
      {"", "link-empty"},
      {"#", "link-empty"},
      {"www.acme.example", "link-relative"},
      {"/spring", "link-relative"},
      {"acme.example:80/x", "link-relative"},
      {"//acme.example/x", "link-relative"},
      {"http://", "link-broken"},
      {"https:/acme.example", "link-broken"},
      {"https//acme.example", "link-broken"},
      {"https://https://acme.example", "link-broken"},
      {"https://localhost/x", "link-broken"},
      {"https://acme..example/", "link-broken"},
      {"https://acme.example/{x}", "link-broken"},
      {"https://acme.example/a b", "link-space"},
      {"https://acme.example/a\nb", "link-space"},
      {"mailto:", "link-mailto"},
      {"mailto:foo", "link-mailto"},
      {"mailto:a@acme.example;b@acme.example", "link-mailto"},
      {"javascript:alert(1)", "link-scheme"},
      {"file:///etc/passwd", "link-scheme"},
      {"https://192.0.2.1/x", "link-ip"},
      {"https://bit.ly/x", "link-shortener"},
      {"http://acme.example/", "link-http"}};
  for (const auto& [href, rule] : kCases) EXPECT_THAT(of_link(href), ElementsAre(rule)) << href;
}

TEST(LinkRules, ImagesMayBeCidAndMustHaveAlt) {
  const std::string words(100, 'w');
  EXPECT_THAT(ids(words + "<img src='cid:logo' alt=''>"), IsEmpty());
  EXPECT_THAT(ids(words + "<img src=https://a.example/x.png>"), ElementsAre("image-without-alt"));
  EXPECT_THAT(ids(words + "<img src='mailto:a@b.example' alt=x>"), ElementsAre("link-scheme"));
  EXPECT_THAT(ids("<img src='https://a.example/x.png' alt='buy'>"), ElementsAre("image-only"));
}

TEST(LinkRules, WhatIsNeverClosedIsTold) {
  EXPECT_THAT(ids("<p class=\"a>text</p>"), ElementsAre("html-unclosed"));
  EXPECT_THAT(ids("words <a href='https://a.example/'"), ElementsAre("html-unclosed"));
  EXPECT_THAT(ids("<a href='https://a.example/'>one <a href='https://b.example/'>two</a>"),
              ElementsAre("html-unclosed"));
  EXPECT_THAT(ids("words <!-- and so on"), ElementsAre("html-unclosed"));
  EXPECT_THAT(ids("<a name=x>anchor, <p title='a > b'>1 < 2</p>"), IsEmpty());
}

TEST(LinkRules, QuotesOfTemplatesAreNotThoseOfHtml) {
  EXPECT_THAT(ids("<a href=\"https://a.example/{{ x | default: \"y z\" }}\">go</a>"), IsEmpty());
  EXPECT_THAT(ids("<a href=\"{% if a == \"b\" %}https://a.example/{% endif %}\">go</a>"),
              IsEmpty());
}

TEST(LinkRules, ThePlaceIsTheAuthors) {
  Findings findings;
  check_html("{{ greeting }}\n  <a href=\"x\">", findings);
  EXPECT_EQ(what_of(findings, "link-relative"), "html:2:6 \"x\"");
}

TEST(LinkRules, ActivePartsAndCommentsAndScripts) {
  EXPECT_THAT(ids("<script>var a = '<a href=\"x\">';</script>"), ElementsAre("html-active"));
  EXPECT_THAT(ids("<form action='https://a.example/'>"), ElementsAre("html-active"));
  EXPECT_THAT(ids("<!-- <a href='x'> --><style>a { b: url('x') }</style>"), IsEmpty());
}

TEST(HtmlView, AnyBytesEnd) {
  for (const char* html : {"<", "<a", "</", "<a =", "<a b='", "<!", "<!--", "<?", "<a/b/c",
                           "<script", "<script>", "<a b=<c>", "\xff<\xfe>"})
    view_html(html);
  SUCCEED();
}

}  // namespace
}  // namespace hongyan::check
