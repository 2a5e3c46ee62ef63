#include "tests/unit/message/liquid/say.h"

#include <gtest/gtest.h>

namespace hongyan::liquid {
namespace {

using testing::say;

std::string html(std::string_view source,
                 std::string_view data = R"({"a":"<b> & 'c'","n":"<\n>"})") {
  Options options;
  options.escapes_html = true;
  return say(source, data, options);
}

TEST(LiquidEscape, OutputsAreEscapedAndTheTemplateIsNot) {
  EXPECT_EQ(html("<p>{{ a }}</p>"), "<p>&lt;b&gt; &amp; &#39;c&#39;</p>");
  EXPECT_EQ(html("{{ '<' }}{% echo '<' %}{% cycle '<' %}"), "&lt;&lt;&lt;");
  EXPECT_EQ(html("{{ x }}", R"({"x":{"k":"<"}})"), "{&quot;k&quot;=&gt;&quot;&lt;&quot;}");
}

TEST(LiquidEscape, RawIsNot) {
  EXPECT_EQ(html("{{ a | raw }}{{ '<' | append: '>' | raw }}"), "<b> & 'c'<>");
}

TEST(LiquidEscape, NothingIsEscapedTwice) {
  EXPECT_EQ(html("{{ a | escape }}"), "&lt;b&gt; &amp; &#39;c&#39;");
  EXPECT_EQ(html("{{ '&lt;<' | escape_once }}"), "&lt;&lt;");
  EXPECT_EQ(html("{{ n | newline_to_br }}"), "&lt;<br />\n&gt;");
  EXPECT_EQ(html("{% capture x %}<i>{{ a }}</i>{% endcapture %}{{ x | strip }}"),
            "<i>&lt;b&gt; &amp; &#39;c&#39;</i>");
  EXPECT_EQ(html("{% capture x %}<i>{% endcapture %}{{ x | append: a }}"),
            "<i>&lt;b&gt; &amp; &#39;c&#39;");
}

}  // namespace
}  // namespace hongyan::liquid
