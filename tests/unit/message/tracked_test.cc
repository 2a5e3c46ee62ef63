#include "engine/message/tracked.h"

#include "engine/message/message.h"

#include <gtest/gtest.h>

namespace hongyan::message {
namespace {

using Links = std::vector<std::string>;

TEST(Tracked, LinksLeadThroughVariablesAndAreToldOnce) {
  const Tracked made = track(
      "<p><a class=x href=\"https://a.example/?x=1&amp;y=2\">a</a> <A HREF='http://b.example'>b</A>"
      "<a href=https://c.example/>c</a><a href=\"http://b.example\">b</a>",
      true, false);
  EXPECT_EQ(made.links,
            (Links{"https://a.example/?x=1&y=2", "http://b.example", "https://c.example/"}));
  EXPECT_EQ(made.html,
            "<p><a class=x href=\"{{ _click_url_0 | raw }}\">a</a> "
            "<A HREF='{{ _click_url_1 | raw }}'>b</A><a href={{ _click_url_2 | raw }}>c</a>"
            "<a href=\"{{ _click_url_1 | raw }}\">b</a>");
}

TEST(Tracked, OtherLinksStay) {
  for (const std::string_view html :
       {"<a href=\"{{ url }}\">a</a>", "<a href=\"https://x.example/{{ id }}\">",
        "<a href=\"#top\">", "<a href=\"mailto:a@b.example\">", "<a href=\"javascript:x\">",
        "<a name=\"x\">", "<!-- <a href=\"https://x.example\"> -->",
        "<link href=\"https://x.example\">", "{% raw %}<a href=\"https://x.example\">{% endraw %}",
        "{% comment %}<a href=\"https://x.example\">{% endcomment %}",
        "<a href=\"https://x.example/\r\nSet-Cookie: a\">",
        "<a href=\"https://x.example/&#32;A:b\">", "<a", "{{", "<a href=\""}) {
    const Tracked made = track(html, true, false);
    EXPECT_EQ(made.html, html);
    EXPECT_TRUE(made.links.empty()) << html;
  }
}

TEST(Tracked, AnImageTellsAnOpen) {
  const std::string image =
      "<img src=\"{{ _open_url | raw }}\" width=\"1\" height=\"1\" alt=\"\" style=\"border:0\">";
  EXPECT_EQ(track("<body>x</body></html>", false, true).html, "<body>x" + image + "</body></html>");
  EXPECT_EQ(track("x", false, true).html, "x" + image);
}

TEST(Tracked, AMessageAsksForWhatItNeedsAndTheTextKeepsTheLinks) {
  Spec spec;
  spec.from_address = "news@acme.example";
  spec.subject = "s";
  spec.html = "<a href=\"https://a.example\">a</a>";
  spec.message_id_domain = "acme.example";
  spec.track_clicks = spec.track_opens = true;
  const auto compiled = compile(spec);
  ASSERT_TRUE(compiled);
  EXPECT_EQ((*compiled)->links(), (Links{"https://a.example"}));
  const std::vector<std::pair<std::string_view, std::string_view>> variables{
      {"_click_url_0", "https://t.example/0"}, {"_open_url", "https://t.example/1"}};
  Rendered out;
  ASSERT_TRUE((*compiled)->render({"li@x.example", variables, "1", WallTime{}}, out));
  std::string wire;
  for (const std::string_view piece : out.pieces()) wire += piece;
  EXPECT_NE(wire.find("a (https://a.example)"), std::string::npos) << wire;
  EXPECT_NE(wire.find("href=3D\"https://t.example/0\""), std::string::npos) << wire;
  EXPECT_NE(wire.find("https://t.example/1"), std::string::npos) << wire;
}

}  // namespace
}  // namespace hongyan::message
